"""What is left of a style sheet when rules that nothing matches are taken out."""

from __future__ import annotations

import pytest

from runtime.web.trim import trim, words_of

CASES = [
    (".a{color:red}.b{color:red}", ".a{color:red}"),
    (".a .b{x:y}", ""),
    (".a,.b{x:y}", ".a{x:y}"),
    ("p,.b{x:y}", "p{x:y}"),
    (".a:not(.b){x:y}", ".a:not(.b){x:y}"),
    (".a:is(.b,.c){x:y}", ".a:is(.b,.c){x:y}"),
    ("@media print{.b{x:y}.a{x:y}}", "@media print{.a{x:y}}"),
    ("@media print{.b{x:y}}", ""),
    ("@supports (x:y){@media print{.a{x:y}}}", "@supports (x:y){@media print{.a{x:y}}}"),
    ('@charset "UTF-8";.b{x:y}', '@charset "UTF-8";'),
    ("/* .a{ */.b{x:y}", ""),
    ('.a{content:"}";x:y}', '.a{content:"}";x:y}'),
    (".a{background:url(\"data:x;y,z{}\")}", ".a{background:url(\"data:x;y,z{}\")}"),
    (":root{--x:1;--y:2}.a{w:var(--x)}", ":root{--x:1}.a{w:var(--x)}"),
    (":root{--x:var(--y);--y:2;--z:3}.a{w:var(--x)}", ":root{--x:var(--y);--y:2}.a{w:var(--x)}"),
    (":root{--x:var(--y);--y:2}.b{w:var(--x)}", ""),
    ("@keyframes k{to{x:y}}.b{animation:k 1s}", ""),
    ("@keyframes k{to{x:y}}.a{animation:k 1s}", "@keyframes k{to{x:y}}.a{animation:k 1s}"),
    (".a\\:b{x:y}", ""),
]  # fmt: skip


@pytest.mark.parametrize(("css", "left"), CASES)
def test_rules_stay_when_a_class_of_ours_can_match_them(css: str, left: str) -> None:
    assert trim(css, {"a"}) == left


def test_words_of_a_source_are_everything_that_could_name_a_class() -> None:
    assert words_of('<p class="a b-c">{{ "d" if e }}') == {"p", "class", "a", "b-c", "d", "if", "e"}
