"""How Teams draws cards, as far as a host's configuration says it: its colours, letters and spaces, in three themes."""

from __future__ import annotations

from typing import Any

THEMES = ("light", "dark", "contrast")
PAGE = {"light": "#f5f5f5", "dark": "#1f1f1f", "contrast": "#000000"}
"""What a card lies on."""
CARD = {"light": "#ffffff", "dark": "#292929", "contrast": "#000000"}
_TEXT = {"light": ("#242424", "#616161"), "dark": ("#ffffff", "#adadad"), "contrast": ("#ffffff", "#ffffff")}
_ACCENT = {"light": "#5b5fc7", "dark": "#7f85f5", "contrast": "#ffff00"}
_GOOD = {"light": "#237b4b", "dark": "#92c353", "contrast": "#3ff23f"}
_BAD = {"light": "#c4314b", "dark": "#f9526b", "contrast": "#ffff00"}
_WARN = {"light": "#835c00", "dark": "#f8d22a", "contrast": "#ffff00"}
_LINE = {"light": "#d1d1d1", "dark": "#666666", "contrast": "#ffffff"}
FONTS = "'Segoe UI', 'Liberation Sans', 'Noto Color Emoji', sans-serif"


def configuration(theme: str) -> dict[str, Any]:
    """The renderer's host configuration for a theme."""
    plain, subtle = _TEXT[theme]
    tone = {"default": plain, "subtle": subtle}
    colours = {
        "default": tone,
        "dark": tone,
        "light": tone,
        "accent": dict.fromkeys(tone, _ACCENT[theme]),
        "good": dict.fromkeys(tone, _GOOD[theme]),
        "warning": dict.fromkeys(tone, _WARN[theme]),
        "attention": dict.fromkeys(tone, _BAD[theme]),
    }
    style = {"backgroundColor": CARD[theme], "foregroundColors": colours}
    return {
        "fontFamily": FONTS,
        "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
        "fontWeights": {"lighter": 400, "default": 400, "bolder": 600},
        "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
        "separator": {"lineThickness": 1, "lineColor": _LINE[theme]},
        "supportsInteractivity": True,
        "containerStyles": {"default": style, "emphasis": style},
        "actions": {
            "maxActions": 6,
            "spacing": "Default",
            "buttonSpacing": 8,
            "showCard": {"actionMode": "Inline", "inlineTopMargin": 16, "style": "emphasis"},
            "actionsOrientation": "Horizontal",
            "actionAlignment": "Left",
        },
        "inputs": {
            "label": {
                "inputSpacing": "Small",
                "requiredInputs": {"suffix": " *", "suffixColor": "attention", "weight": "bolder"},
                "optionalInputs": {"weight": "bolder"},
            },
            "errorMessage": {"color": "attention", "spacing": "small"},
        },
    }


def style(theme: str) -> str:
    """What the configuration cannot say: buttons and inputs."""
    plain, _ = _TEXT[theme]
    return f"""
      body {{ margin: 0; background: {PAGE[theme]}; font-family: {FONTS}; color: {plain}; }}
      .sheet {{ display: flex; flex-wrap: wrap; align-items: flex-start; gap: 16px; padding: 16px; }}
      figure {{ margin: 0; }}
      figcaption {{ font-size: 12px; opacity: 0.8; padding: 0 0 4px 4px; }}
      .card {{ border: 1px solid {_LINE[theme]}; border-radius: 8px; overflow: hidden; background: {CARD[theme]}; }}
      .ac-actionSet {{ flex-wrap: wrap; gap: 8px 0; }}
      button {{ font: 600 14px {FONTS}; min-height: 32px; padding: 5px 12px; border-radius: 4px; color: {plain};
        background: {CARD[theme]}; border: 1px solid {_LINE[theme]}; text-align: left; }}
      button.style-positive {{ background: {_ACCENT[theme]}; border-color: {_ACCENT[theme]};
        color: {CARD[theme]}; }}
      button.style-destructive {{ color: {_BAD[theme]}; border-color: {_BAD[theme]}; }}
      input, select, textarea {{ font: 14px {FONTS}; color: {plain}; background: {PAGE[theme]}; width: 100%;
        box-sizing: border-box; padding: 6px 8px; border: 1px solid {_LINE[theme]}; border-radius: 4px; }}
      input[type=checkbox], input[type=radio] {{ width: auto; }}
      a, .ac-anchor, [role=link] {{ color: {_ACCENT[theme]}; }}
    """
