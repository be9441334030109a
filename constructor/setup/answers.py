"""What the first-run page was answered: read, checked, kept for the page when it does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from constructor.install import bundled_modules
from constructor.setup.regions import region
from constructor.workspace import check_region
from runtime.access.people import MIN_PASSWORD, check_email
from runtime.definitions.build import texts_of
from runtime.definitions.bundle import ModuleSource
from runtime.kernel.errors import Message, Refused, message
from runtime.kernel.i18n import known
from runtime.kernel.workspace import Workspace

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Answers:
    """The form as it was sent, with what is wrong by input."""

    language: str
    company: str = ""
    name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    country: str = "AZ"
    currency: str = "AZN"
    timezone: str = "Asia/Baku"
    trade: str = ""
    demo: bool = False
    wrong: Mapping[str, Message] = field(default_factory=dict)

    def workspace(self) -> Workspace:
        return Workspace(
            name=self.company or Workspace().name,
            language=self.language,
            country=self.country,
            currency=self.currency,
            timezone=self.timezone,
        )


@dataclass(frozen=True, slots=True)
class Trade:
    """A bundled module as the page offers it."""

    key: str
    title: str
    summary: str
    has_demo: bool


def trades(language: str) -> list[Trade]:
    """The bundled modules; those that others stand on come last."""
    modules = bundled_modules()
    texts = texts_of(modules)
    beneath = {key for one in modules.values() for key in required(one)}
    return [
        Trade(
            key,
            texts.label(key, "title", module.manifest["title"])(language),
            texts.label(key, "summary", module.manifest.get("summary", ""))(language),
            any(module.of_kind("demo")),
        )
        for key, module in sorted(modules.items(), key=lambda one: (one[0] in beneath, one[0]))
    ]


def required(module: ModuleSource) -> list[str]:
    return list(module.manifest.get("requires", {}).get("modules", {}))


def first_answers(language: str, workspace: Workspace) -> Answers:
    """What the page proposes before anybody has answered."""
    return Answers(
        language,
        country=workspace.country,
        currency=workspace.currency,
        timezone=workspace.timezone,
        trade=next((one.key for one in trades(language)), ""),
    )


def read_answers(form: Mapping[str, str]) -> Answers:
    """An empty currency or zone follows from the country."""
    text = {key: value.strip()[:_LONGEST] for key, value in form.items()}
    country = text.get("country", "")
    currency, timezone = region(country)
    answers = Answers(
        known(text.get("language", "")),
        text.get("company", ""),
        text.get("name", ""),
        text.get("email", ""),
        form.get("password", "")[:1000],
        country,
        text.get("currency") or currency,
        text.get("timezone") or timezone,
        text.get("trade", ""),
        "demo" in text,
    )
    return _checked(answers)


def _checked(answers: Answers) -> Answers:
    wrong: dict[str, Message] = {}
    try:
        check_email(answers.email)
    except Refused as error:
        wrong["email"] = error.message
    if len(answers.password) < MIN_PASSWORD:
        wrong["password"] = message("people.short_password", limit=MIN_PASSWORD)
    try:
        check_region(answers.country, answers.currency, answers.timezone)
    except Refused as error:
        wrong[error.message.key.removeprefix("workspace.bad_")] = error.message
    if answers.trade and answers.trade not in bundled_modules():
        wrong["trade"] = message("invalid.option", allowed=", ".join(bundled_modules()))
    return replace(answers, wrong=wrong)
