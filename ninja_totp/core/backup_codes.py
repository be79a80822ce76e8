import secrets
A="0123456789ABCDEFGHJKMNPQRSTVWXYZ"
def new_codes(count): return ["-".join("".join(secrets.choice(A) for _ in range(4)) for _ in range(6)) for _ in range(count)]
def canonical(text):
    t = text.upper().replace(" ","").replace("-","").replace("O","0").replace("I","1").replace("L","1")
    return t if len(t)==24 and all(c in A for c in t) else None
def stored_forms(text):
    text=text.strip()
    if not text or len(text)>128 or not text.isascii() or not text.isprintable(): return ()
    c=canonical(text)
    return tuple(dict.fromkeys(x for x in (c,text) if x))
