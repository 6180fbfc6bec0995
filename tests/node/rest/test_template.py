"""configuration-systems-rest.rst ("Notes on Jinja templates"), jinja_filters.rst; decision 0432."""

import datetime
from decimal import Decimal

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from dataflow.clock import FixedClock
from dataflow.dtl.values import NI, Datetime
from dataflow.errors import PumpFailed
from dataflow.node.rest.shape import Shape
from dataflow.node.rest.template import Templates

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(url):
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return {"keys": [{**jwk, "kid": "1", "use": "sig", "alg": "RS256"}]} if url == "https://keys.example" else {}


TEMPLATES = Templates(lambda name: f"<{name}>", FixedClock(0), published)


def rendered(text, **variables):
    return TEMPLATES.compile(text, "it").render(variables)


def shaped(value, **variables):
    return Shape(value, TEMPLATES, "it").render(variables)


@pytest.mark.parametrize(
    ("text", "variables", "result"),
    [
        ("plain {braces}", {}, "plain {braces}"),
        ("a/{{ entity['$ids'][0] }}\n", {"entity": {"$ids": ["1"]}}, "a/1\n"),
        ("{% if since is defined and since is not none %}x{% else %}y{% endif %}", {"since": None}, "y"),
        ("{{ properties.list | join(',') }}", {"properties": {"list": [1, 2]}}, "1,2"),
        ("{{ (now() + timedelta(hours=48)).strftime('%Y-%m-%d') }}", {}, "1970-01-03"),
        (
            "{{ price }} {{ when }} {{ who }}",
            {"price": Decimal("1E+2"), "when": Datetime(0), "who": NI.of("a:1")},
            "100 1970-01-01T00:00:00Z a:1",
        ),
        ("{{ entity | tojson }}", {"entity": {"b": Decimal("1.50"), "a": NI.of("x:y")}}, '{"a": "x:y", "b": 1.50}'),
        ("{{ flag }} {{ nothing }}", {"flag": True, "nothing": None}, "True None"),
        ("{{ 'fir' | bytes | base64_encode }} {{ ('Zmly' | base64_decode) }}", {}, "Zmly b'fir'"),
        ("{{ (ms * 1000 * 1000) | datetime | datetime_format }}", {"ms": 1000}, "1970-01-01T00:00:01Z"),
        ("{{ 0 | datetime | datetime_format('%Y') }}", {}, "1970"),
        ("{{ 0 | datetime | datetime_format('Europe/Oslo', '%H') }}", {}, "01"),
    ],
)
def test_rendering(text, variables, result):
    assert rendered(text, **variables) == result


@pytest.mark.parametrize(
    ("text", "variables", "message"),
    [
        ("{{ missing }}", {}, "it: 'missing' is undefined"),
        ("{{ entity.missing }}", {"entity": {}}, "it: 'dict object' has no attribute 'missing'"),
        ("{{ entity.missing.deeper }}", {"entity": {}}, "it: 'dict object' has no attribute 'missing'"),
        ("{% if missing %}{% endif %}", {}, "it: 'missing' is undefined"),
        ("{{ ''.__class__ }}", {}, "it: access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ entity.update({}) }}", {"entity": {}}, "it: access to attribute 'update' of 'dict' object is unsafe."),
        ("{{ 1 / 0 }}", {}, "it fails with ZeroDivisionError"),
        ("{{ word + 1 }}", {"word": "secret"}, "it fails with TypeError"),
    ],
)
def test_what_goes_wrong_is_said_without_the_data(text, variables, message):
    with pytest.raises(PumpFailed) as caught:
        rendered(text, **variables)
    assert str(caught.value) == message


def test_what_is_no_template():
    with pytest.raises(PumpFailed, match="it is no valid Jinja: unexpected '}'"):
        rendered("{{ a } }")


def test_what_is_missing_may_be_looked_into_and_tested():
    text = "{% if previous_params.Page is not defined %}1{% else %}{{ previous_params.Page|int + 1 }}{% endif %}"
    assert rendered(text) == "1"
    assert rendered(text, previous_params={"Page": "4"}) == "5"
    assert rendered("{{ a.b.c | default('d') }}", a={}) == "d"


def test_of_a_link_a_property_that_is_not_there_is_nothing_and_a_variable_is_a_fault():
    template = TEMPLATES.compile("{{ body.paging.next.link.split('?')[0] }}", "it")
    assert template.value_if_there({"body": {}}) is None
    assert template.value_if_there({"body": {"paging": {"next": {"link": "x?y"}}}}) == "x"
    with pytest.raises(PumpFailed, match="'body' is undefined"):
        template.value_if_there({})


@pytest.mark.parametrize("value", [None, "", " "])
def test_null_and_an_empty_text_are_nothing(value):
    assert TEMPLATES.compile("{{ a }}", "it").value({"a": value}) is None


def test_secrets_stand_where_the_template_has_them_and_nowhere_else():
    assert rendered("Bearer $SECRET(key) {{ '0:$SECRET(key)' }} {{ secret('key') }}") == "Bearer <key> 0:<key> <key>"
    assert rendered("{{ ('0:' + '$SECRET(key)') | bytes | base64_encode }}") == "MDo8a2V5Pg=="
    assert rendered("{{ name }}", name="$SECRET(key)") == "$SECRET(key)"


def test_a_failing_secret_says_so():
    def lacking(name):
        raise PumpFailed(f"no {name}")

    template = Templates(lacking, FixedClock(), published).compile("$SECRET(key)", "it")
    with pytest.raises(PumpFailed, match=r"^no key$"):
        template.render({})


def test_the_variables_of_a_template():
    assert TEMPLATES.compile("{{ a.b }}{% set c = d %}{{ c }}{{ now() }}$SECRET(e)", "it").names == {"a", "d"}


# --- JSON web tokens --------------------------------------------------------------------------------------------------


def token(**claims):
    return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})


def test_a_jwt_is_decoded():
    public = KEY.public_key()
    assert rendered("{{ (t | decode_jwt(key=k)).sub }}", t=token(sub="me"), k=public) == "me"
    assert rendered("{{ (t | decode_jwt(jwks_url='https://keys.example')).sub }}", t=token(sub="me")) == "me"
    assert rendered("{{ (t | decode_jwt(key='', verify=false)).exp }}", t=token(exp=1)) == "1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("key=k, require='iss'", "decode_jwt refuses the token: MissingRequiredClaimError"),
        ("key=k, audience='a'", "decode_jwt refuses the token: MissingRequiredClaimError"),
        ("key=k, algorithms=['HS256']", "decode_jwt refuses the token: InvalidAlgorithmError"),
        ("key=k, wrong=true", "decode_jwt knows no argument wrong"),
        ("jwks_url='http://keys.example'", "decode_jwt: jwks_url has to be an HTTPS address"),
        ("jwks_url='https://other.example'", "decode_jwt refuses the token: PyJWKSetError"),
    ],
)
def test_a_jwt_that_is_not_good(arguments, message):
    with pytest.raises(PumpFailed) as caught:
        rendered(f"{{{{ t | decode_jwt({arguments}) }}}}", t=token(sub="me"), k=KEY.public_key())
    assert str(caught.value) == message


def test_an_old_jwt_is_refused():
    old = token(exp=int(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC).timestamp()))
    with pytest.raises(PumpFailed, match="ExpiredSignatureError"):
        rendered("{{ t | decode_jwt(key=k) }}", t=old, k=KEY.public_key())


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_texts_at_every_depth_are_templates_keys_included():
    value = {"{{ k }}": ["{{ v }}", {"n": 1, "b": True, "z": None, "f": 1.5}]}
    assert shaped(value, k="key", v="value") == {"key": ["value", {"n": 1, "b": True, "z": None, "f": 1.5}]}


def test_what_is_marked_is_left_out():
    mark = "{% if not show %}sesam:markskip{% endif %}"
    value = {"a": f"x{mark}", f"b{mark}": "y", "c": [f"1{mark}", "2"], "d": {"e": mark}}
    assert shaped(value, show=False) == {"c": ["2"], "d": {}}
    assert shaped(value, show=True) == {"a": "x", "b": "y", "c": ["1", "2"], "d": {"e": ""}}
    assert shaped("sesam:markskip") is None


def test_json_is_made_of_what_is_marked():
    value = {"n": "{{ n }}sesam:markjson", "l": "[{{ n }}, {{ entity.s | tojson }}]sesam:markjson"}
    assert shaped(value, n=10, entity={"s": 'a "b"'}) == {"n": 10, "l": [10, 'a "b"']}
    assert shaped("{{ n }}sesam:markjson", n="12345678901234567890.5") == Decimal("12345678901234567890.5")
    with pytest.raises(PumpFailed, match="it: what stands before sesam:markjson is"):
        shaped("{{ n }}sesam:markjson", n="1,")


@pytest.mark.parametrize(
    ("source", "seen", "text"),
    [
        ("{{ Id }}", {"Id": 12}, "12"),
        ("{{Id}}", {"Id": "ø"}, "ø"),
        ("{{ Id }}", {"Id": True}, "True"),
        ("{{ Id }}", {"Id": 1.5}, "1.5"),
        ("{{ true }}", {"true": "x"}, "True"),
        ("{{ entity }}", {"entity": "x"}, "x"),
        ("{{ Id }}\n", {"Id": 12}, "12\n"),
    ],
)
def test_one_variable_is_written_as_any_template_writes_it(source, seen, text):
    assert rendered(source, **seen) == text
    # Beside something else it is no longer a variable alone.
    assert rendered(f"{source}{{# #}}", **seen) == text
