"""Roles: numbers and claims in prose, linked to where they are accounted for, and the guard behind a sentence."""

from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from analysis.errors import InputError
from reporting.core import claims, results, statements
from reporting.drawing.figures import UNTRUE, input_anchor
from reporting.site.current import report_of


class _NumberRole(SphinxRole):
    """Write a number that comes from the analysis, linked to where it is accounted for."""

    def run(self):
        written, _, style = self.text.partition("|")
        name = self.expand(written)
        try:
            text = statements.fill("{" + name + (f"|{style}" if style else "") + "}", report_of(self.env))
            if "{" in text:
                raise InputError(f"'{self.text}' is not the name of a number")
            target = self.target(name)
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        link = nodes.reference("", text, internal=True, refuri=target, classes=["num"])
        return [link], []

    def expand(self, text):
        return text

    def target(self, name):
        raise NotImplementedError


def result_address(declared, env):
    """Return the address of a result as seen from the page that is being read."""
    page = results.page_of(declared.key)
    return f"#{declared.anchor}" if Path(env.docname).name == page else f"{page}.html#{declared.anchor}"


class ResultRole(_NumberRole):
    def target(self, name):
        return result_address(results.find(name), self.env)


class AssumptionRole(_NumberRole):
    def expand(self, text):
        return f"assume.{text}"

    def target(self, name):
        return f"inputs.html#{input_anchor(*name.split('.'))}"


class FactRole(_NumberRole):
    def expand(self, text):
        return text if "." in text else f"fact.{text}"

    def target(self, name):
        return f"inputs.html#{input_anchor(*name.replace('fact.', 'facts.', 1).split('.', 1))}"


class ClaimRole(SphinxRole):
    """Link to the verdict on a claim, or on a part of it."""

    def run(self):
        try:
            chapter = claims.find(claims.claim_of(self.text)).chapter
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        page = "" if Path(self.env.docname).name == chapter else f"{chapter}.html"
        return [nodes.reference("", self.text, internal=True, refuri=f"{page}#{self.text}", classes=["claim-ref"])], []


class HoldsRole(SphinxRole):
    """Guard the sentence before it: say so where its predicate is false, and nothing where it is true."""

    def run(self):
        try:
            true = statements.holds(self.text, report_of(self.env))
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [] if true else [nodes.inline("", UNTRUE, classes=["untrue"])], []
