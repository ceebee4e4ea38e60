"""Which tenant belongs to which organisation, where its requests are reviewed, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.teams.members import Members
from adapters.teams.payload import conversation, text
from bot.channels import Address, Gone, RetryLater
from bot.outbox import Destination
from bot.settings import Settings, TeamsTenant

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NotConfigured(ValueError):
    """Teams cannot be served with these settings; the text says what to set."""


@dataclass(frozen=True)
class Tenants:
    """The tenants that are served."""

    tenants: tuple[TeamsTenant, ...]
    any: TeamsTenant | None = None  # serves every tenant; only without tokens, for the Agents Playground

    @classmethod
    def of(cls, settings: Settings) -> Tenants:
        """The tenants of the settings. Raises NotConfigured."""
        if settings.teams_anonymous:
            _check_anonymous(settings)
        elif not settings.teams_app_id:
            raise NotConfigured("set SOMEGUIDE_TEAMS_APP_ID to the app registration's id")
        elif settings.teams_app_type != "UserAssignedMSI" and not settings.teams_app_password.get_secret_value():
            raise NotConfigured("set SOMEGUIDE_TEAMS_APP_PASSWORD to the app registration's client secret")
        elif settings.teams_app_type != "MultiTenant" and not settings.teams_tenant_id:
            raise NotConfigured("set SOMEGUIDE_TEAMS_TENANT_ID to the tenant's id")
        named = tuple(t for t in settings.teams if t.tenant)
        anywhere = next((t for t in settings.teams if not t.tenant), None) if settings.teams_anonymous else None
        if not named and not anywhere:
            raise NotConfigured("set SOMEGUIDE_TEAMS_ORGANISATION to the organisation, and SOMEGUIDE_TEAMS_TENANT_ID")
        return cls(named, anywhere)

    def of_id(self, tenant: str) -> TeamsTenant | None:
        """The tenant of that id; None when it is not served."""
        found = next((t for t in self.tenants if t.tenant.lower() == tenant.lower()), None) if tenant else None
        return found or (self.any if tenant else None)

    def review(self, organisation: str) -> Destination | None:
        """Where an organisation's requests are reviewed in Teams; None where that is not in Teams."""
        found = next((t for t in self.tenants if t.organisation == organisation and t.review_channel), None)
        if found is None:
            return None
        where = channel_address(found.tenant, found.review_channel)
        return Destination(conversation(found.tenant, found.review_channel), where)

    async def may_review(self, members: Members, organisation: str, person: str) -> bool:
        """Whether a person may decide on an organisation's requests: on its list, or a member of its team.

        Raises RetryLater when Teams cannot say.
        """
        _, tenant, identity = [*person.split(":", 2), "", ""][:3]
        found = self.of_id(tenant)
        if found is None or found.organisation != organisation or not identity:
            return False
        if found.reviewers:
            return identity.lower() in {r.lower() for r in found.reviewers}
        return bool(found.review_channel) and await _is_member(members, found, identity)


async def _is_member(members: Members, tenant: TeamsTenant, identity: str) -> bool:
    where: Address = channel_address(tenant.tenant, tenant.review_channel)
    try:
        return bool(text(await members.find(where, identity), "id"))
    except RetryLater:
        raise
    except Gone:
        return False


def channel_address(tenant: str, channel: str) -> Address:
    """The address of a channel that an administrator has named."""
    conversation = {"id": channel, "conversationType": "channel", "isGroup": True, "tenantId": tenant}
    reference = {"conversation": conversation, "channelId": "msteams", "channelData": {"tenant": {"id": tenant}}}
    return {"reference": reference, "tenant": tenant}


def _check_anonymous(settings: Settings) -> None:
    if settings.teams_app_id:
        raise NotConfigured("set either SOMEGUIDE_TEAMS_ANONYMOUS or SOMEGUIDE_TEAMS_APP_ID, not both")
    if settings.host not in LOOPBACK:
        raise NotConfigured("SOMEGUIDE_TEAMS_ANONYMOUS is only for this machine: SOMEGUIDE_HOST must be 127.0.0.1")
