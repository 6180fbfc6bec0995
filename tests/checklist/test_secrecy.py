from dataflow.checklist.secrecy import without_secrets
from report.checklist_outcomes import PERSONS


def test_secrets_are_hidden_wherever_they_stand():
    shown = repr(
        without_secrets(
            [PERSONS], ["webCRM says nothing", '"FirstName": "sent"', "alert(1)", "customerp-contact-share"]
        )
    )
    for secret in ("webCRM says nothing", '"sent"', "alert(1)", "customerp-contact-share"):
        assert secret not in shown
    assert "PATCH customerp /contacts/7" in shown
    assert "script>***</script" in shown


def test_what_is_too_short_to_be_a_secret_stays():
    assert without_secrets([PERSONS], ["", "Kari"]) == (PERSONS,)
