"""Reads PromQL as far as the checks of rules and dashboards need it: which series an expression asks for."""
import re

_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<range>\[[^\]]*\])
    |(?P<duration>\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)|(?P<number>0x[0-9a-fA-F]+|\d*\.?\d+(?:[eE][+-]?\d+)?)
    |(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>=~|!~|!=|==|<=|>=|[-+*/%^<>=(){},@$])""",
    re.VERBOSE,
)
_OPERATORS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", "atan2"}
_LABEL_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}


def _tokens(expression):
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise ValueError(f"no PromQL at {expression[at:at + 30]!r}")
        at = match.end()
        if match.lastgroup is not None:
            yield match.lastgroup, match.group(match.lastgroup)


def selectors(expression):
    """The vector selectors of an expression, each as text without range and offset, in order."""
    tokens = list(_tokens(expression))
    found = []
    i = 0
    while i < len(tokens):
        kind, text = tokens[i]
        following = tokens[i + 1][1] if i + 1 < len(tokens) else ""
        i += 1
        if kind != "name":
            continue
        if text.lower() in _LABEL_LISTS:
            if following == "(":
                while tokens[i][1] != ")":
                    i += 1
        elif text.lower() in _OPERATORS or following == "(" or following.lower() in ("by", "without"):
            continue  # an operator, a function, an aggregation
        else:
            selector = text
            if following == "{":
                end = i
                while tokens[end][1] != "}":
                    end += 1
                selector += "".join(", " if token == "," else token for _, token in tokens[i:end + 1])
                selector = selector.replace(", }", "}")
                i = end + 1
            found.append(selector)
    return found


def metric(selector):
    return selector.split("{")[0]
