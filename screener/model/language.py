"""The languages there are, and the catalogue that holds what is said in Chinese.

English is the message id. `locale/zh/LC_MESSAGES/screener.po` holds the Chinese, `make messages`
extracts and compiles it; the standard gettext reads it.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
DOMAIN = "screener"
LOCALES = Path(__file__).parents[1] / "locale"
# As gettext does: the first of these that is set says the language.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def translated(text: str, lang: str) -> str:
    """A text of the program in a language; in English where it has no Chinese."""
    return _catalogue(lang).gettext(text) if text else text


def speak(lang: str) -> None:
    """Have what asks gettext itself, as click does, speak that language from now on."""
    # click looks the language up where gettext does: in the environment, in LANGUAGE before all.
    gettext.bindtextdomain(DOMAIN, str(LOCALES))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = lang


def of_locale(environment: Mapping[str, str]) -> str:
    """The language of the user's locale, if it is one of ours; else the first of ours."""
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return next((lang for lang in LANGUAGES if locale.startswith(lang)), LANGUAGES[0])


def of_environment(environment: Mapping[str, str]) -> str:
    """The language that the environment asks for, where no command line and no settings do."""
    asked = environment.get("SCREENER_LANG", "")
    return asked if asked in LANGUAGES else of_locale(environment)


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    # English needs no catalogue: a text without a translation is said as it is.
    return gettext.translation(DOMAIN, LOCALES, [lang], fallback=True)
