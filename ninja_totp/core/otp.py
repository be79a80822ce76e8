import secrets, re, base64, hmac
from dataclasses import dataclass
import pyotp
@dataclass(frozen=True, slots=True)
class OtpParameters:
    digits: int = 6
    period_seconds: int = 30
    algorithm: str = "SHA1"
def new_secret(): return base64.b32encode(secrets.token_bytes(20)).decode()
def canonical_code(text, *, digits):
    text = text[:64].replace(" ", "").replace("-", "").strip()
    return text if re.fullmatch("[0-9]{%d}" % digits, text, re.ASCII) else None
def step_at(at, p): return at // p.period_seconds
import hashlib
def code_at_step(secret, step, p): return pyotp.HOTP(secret, digits=p.digits, digest=getattr(hashlib, p.algorithm.lower())).at(step)
def matching_step(secret, code, *, at, window, parameters):
    code = canonical_code(code, digits=parameters.digits)
    if code is None: return None
    s = step_at(at, parameters); found=None
    for x in range(s-window, s+window+1):
        if hmac.compare_digest(code_at_step(secret, x, parameters), code): found = x
    return found
def matching_pair(secret, first, second, *, at, window, parameters):
    step = matching_step(secret, second, at=at, window=window, parameters=parameters)
    if step is None: return None
    return step if canonical_code(first, digits=parameters.digits) == code_at_step(secret, step-1, parameters) else None
def clock_skew_seconds(secret, code, *, at, window, parameters, reach_seconds=600):
    w = reach_seconds // parameters.period_seconds
    step = matching_step(secret, code, at=at, window=w, parameters=parameters)
    return None if step is None else (step - step_at(at, parameters)) * parameters.period_seconds
