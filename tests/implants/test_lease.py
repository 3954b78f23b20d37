import hashlib
import hmac
import json

from rangectl.implants.lease import lease

KEY = bytes(range(32))


def test_a_lease_is_signed_over_its_terms() -> None:
    made = json.loads(lease(KEY, ["10.20.1.0/24"], 1_700_000_000))
    text = b'{"networks":["10.20.1.0/24"],"not_after":1700000000}'
    assert made == {
        "networks": ["10.20.1.0/24"],
        "not_after": 1_700_000_000,
        "mac": hmac.new(KEY, text, hashlib.sha256).hexdigest(),
    }
