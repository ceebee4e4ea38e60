"""Filing: from a completed checklist to a decided request, the register of accounts, and questions put to people."""
