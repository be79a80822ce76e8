import segno, io
from urllib.parse import quote
def otpauth_uri(secret, *, account, issuer, parameters): return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='')}?secret={secret}&issuer={quote(issuer, safe='')}"
def grouped(secret): return " ".join(secret[i:i+4] for i in range(0,len(secret),4))
def _qr(u): return segno.make(u, micro=False, error="m", boost_error=False, mask=2)
def qr_svg(uri, *, title="QR code"):
    b=io.BytesIO(); _qr(uri).save(b, kind="svg", xmldecl=False); return b.getvalue().decode()
def qr_png(uri):
    b=io.BytesIO(); _qr(uri).save(b, kind="png", scale=6); return b.getvalue()
