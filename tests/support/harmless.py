"""What developers write all day and nobody has to hide: it must come through byte for byte."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

from support.chatter import CHATTER

LINES = """\
fix the token refresh when the session expires
Password: required
password: required, at least 12 characters
token: string
password?: string;
token: str | None = None
def login(user: str, password: str) -> Token:
api_key = os.environ["API_KEY"]
api_key=os.getenv("OPENAI_API_KEY")
const token = process.env.GITHUB_TOKEN
secret: ${{ secrets.NPM_TOKEN }}
token: ${{ secrets.GITHUB_TOKEN }}
password = getpass.getpass()
password = input("Password: ")
password=<password>
password=$DB_PASSWORD
export API_KEY=<your key>
API_KEY=your-api-key-here
API_KEY=xxxxxxxxxxxxxxxx
API_KEY=...
OPENAI_API_KEY=sk-...
OPENAI_API_KEY=sk-your-key-here
ANTHROPIC_API_KEY=${ANTHROPIC_API_KEY}
sk-… is the placeholder, <token> another, $API_KEY a third
set GITHUB_TOKEN first, then run it
MAX_TOKENS=4096 and max_tokens: 8192
token_count = 128000
tokens: 12345
the token is expired
the password is wrong
the secret is missing
the token is base64-encoded
password is hashed with argon2id
token is sha256 hashed before it is stored
primary_key=True, foreign_key=user_id
cache-key: node-modules-linux-v3
key: value
key=lambda item: item.name
sort(key=itemgetter(1))
cache_key = f"{room}:{seq}"
public_key = load(path)
if token == expected_token:
if (password !== confirmPassword) return
assert response.token is not None
<input type="password" name="password" placeholder="Password">
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
Authorization: Bearer ${token}
Authorization header is missing
"Authorization": f"Bearer {token}"
headers = {"Authorization": "Bearer " + token}
basic auth is enough; bearer tokens come later
curl -H "Authorization: Bearer $TOKEN" https://api.example.com
curl -u "$USER:$PASS" https://example.com
curl -u user:password https://example.com
docker run -u 1000:1000 --rm app
docker run -p 8080:80 -e NODE_ENV=production app
docker login -u me --password-stdin
mysql -u root -p
mysql -h 127.0.0.1 -P 3306 -u root app
ssh -p 2222 deploy@bastion
redis-cli -p 6379 ping
read it with --password-stdin
use --token TOKEN or the environment
--token-file PATH is better than --token
postgres://localhost:5432/app
postgres://user:password@localhost:5432/app
postgres://$USER:$PASSWORD@localhost/app
redis://localhost:6379/0
mongodb://127.0.0.1:27017/test
https://user:pass@example.com is how it looks
http://localhost:8787/rooms/room_abc123
http://127.0.0.1:3000 and [::1]:3000
https://example.com/login?next=/settings&tab=keys
https://example.com/search?q=password+reset&page=2
https://github.com/org/repo/pull/42/files#diff-0a1b2c3d
https://github.com/org/repo/commit/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567
https://docs.python.org/3/library/re.html#re.ASCII
https://www.youtube.com/watch?v=dQw4w9WgXcQ
https://medium.com/@someone/a-story-f88cc4317489
https://hub.docker.com/r/library/postgres/tags?name=16
git@github.com:org/repo.git
ssh://git@github.com/org/repo
git clone git@gitlab.com:group/sub/repo.git
npm i react@18.2.0 @types/node@20.1.0
pip install "uvicorn[standard]>=0.30"
golang.org/x/text@v0.3.0
actions/checkout@v4 and actions/setup-python@v5
uses: docker/build-push-action@v6
@app.route("/users")
@pytest.mark.asyncio
cc @alice and @bob
ping @here, look at #general
me@localhost
image: ghcr.io/org/app@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f9012345670a1b2c3d4e5f607182930000
integrity sha512-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC7Vw==
"version": "4.17.21",
"resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz",
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
commit 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567 (HEAD -> main)
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
request id 7f9c2ba4-e88f-4d8a-9d2e-5f1e7c0a1b2c
v10.0.0.1 is out
version 10.0.1.2 fixes it
Chrome/120.0.6099.109 Safari/537.36
10.0.19045.3803 is Windows
10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are private
ping 8.8.8.8 and 1.1.1.1
127.0.0.1 localhost
0.0.0.0:8080
::1 and ::
2001:db8::1 is for documentation
the fd is closed; fd: 3, fc: cold
fe80 begins a link-local address
mac 00:1b:44:11:3a:b7
threading.local() keeps it per thread
.env.local is ignored by git
cp .env.example .env.local
settings.local.json and .claude/settings.local.json
docker-compose.local.yml
jdk.internal.misc.Unsafe
import com.example.internal.Thing
kotlin.internal is not for us
host.docker.internal works on a Mac
src/internal/server.go and pkg/internal/x
module foo/internal is private
this.local = true; self.local
service.svc is WCF
src/Users/Model.php and app/home/page.tsx
/root/.ssh and /etc/passwd
/usr/local/bin/python3
/var/log/nginx/access.log
./home/x and ../home/y
~/projects/app and $HOME/app
/home/$USER/app and /Users/<name>/x
/Users/Shared/x
C:\\Windows\\System32\\drivers
C:\\Users\\Public\\Documents
C:\\Program Files\\Git\\bin
D:\\src\\app\\main.cpp
%APPDATA%\\npm and %USERPROFILE%
regex: ^[a-z]+(?:-[a-z]+)*$
`s/foo/bar/g` and `awk '{print $1}'`
let x = `a@b`; // 🙂
a && b || c; x |= y; z ^= 1
if (a < b && c > d) { return &e; }
&nbsp; and &amp; stay entities
100% done, 50%25 encoded, %20 is a space
C:%5CTemp is encoded
\\u0041 is an A, \\n a break
price: $2 or $5, "$6" for both
👨‍👩‍👧 ❤️ 🇫🇷 é ü ñ
修复登录问题，更新依赖
パスワード: 必須
密码: 必填
пароль: обязательно
ｆｕｌｌ－ｗｉｄｔｈ text stays
soft\u00adhyphen stays
the ﬁ ligature and ² squared
— dashes – of − every ‐ kind
thinking about it: maybe later
I was thinking we could ship today
<thinking> tags are stripped
we strip `<thinking>` and `</thinking>`
between <output> and </output>
<div class="output">x</div>
output: json
Output: see below
the stack trace is in the issue
at the moment nothing works
see main.go:42 and app.py:10
File a.py, line 3 is wrong
TypeError: x is not a function
panic: stay calm
Error: listen EADDRINUSE 127.0.0.1:3000
ValueError: invalid literal for int()
AKIA is how they begin, ghp_ too
ghp_your_token_here
hf_hub_download is slow
sk-learn is not scikit-learn
task-0123456789abcdefghijklmnop
disk-usage-1234567890123456
npm_config_registry
xoxb-your-token
glpat-<token>
eyJ is how a JWT begins
key-value and key_value stores
pat-a-cake
sl.exe and st.dev
re_compile_pattern and fw_update_all
SK, AC and SG are prefixes
the sdk-js and api-server packages
-----BEGIN PUBLIC KEY-----
-----BEGIN CERTIFICATE-----
ssh-ed25519 public keys may stay
NODE_ENV=production npm start
PORT=8080 ./run
CI=1 DEBUG=app:* npm test
LOG_LEVEL=debug
x=1
$ npm install
$ git push origin main
# install it
> quoted line
- [ ] write the test
- [x] fix the bug
+1 to that
--- a line
*** important ***
@@ is the hunk sign
=== done ===
12:00:01 is when it broke
Jan 1 10:00 is fine
2026-02-17T21:03:00Z
mode drwxr-xr-x is fine
total 24 files
NAME and STATUS columns
TODO: remove it
NOTE: it is slow
WIP: auth: use oauth2
auth: add OAuth2 support
feat(auth): rotate the session key
fix(token): do not log the token
chore: bump secret-scanner to 8.18.0
docs: explain password reset
refactor: move SECRET handling
test: password with spaces
session: 30 minutes
cookie: session expired
Set-Cookie is sent twice
signature=required
sig: invalid
code: 404
code=E_INVALID
error code: ECONNREFUSED
pass: 12, fail: 0
PASS: 12 tests
tests pass: yes
bypass: true
compass=north
pin: 3
passport: strategy-local
credentials: include
credentials: "same-origin"
access: public
access_key: null
secret: false
private_key: Path
user: alice, role: admin
user name and password fields
login and password are needed
login with password
username/password
grant_type=password
type=password
autocomplete="new-password"
password.length >= 12
password.trim()
token.split(".")
token[0:8]
token?.value
"token": null,
"token": "<redacted>",
'password': '********',
password: ******
password=[KEY]
token=[REDACTED]
secret = "changeme"
apiKey: "YOUR_API_KEY"
apiKey: process.env.API_KEY,
apiKey={apiKey}
token={props.token}
{{ .Values.secret.token }}
password: {{ vault_password }}
secretName: app-secrets
secretKeyRef:
imagePullSecrets:
tokenizer: cl100k_base
tokenizer=AutoTokenizer.from_pretrained(name)
keyboard: us
monkey: patch
turkey=1
author: Claude
authority: high
author=alice
look at the dot com boom
meet at noon at the cafe
when the build is green we can merge this and then ship the whole thing today
please review the change before lunch because then we have the demo for everyone
""".splitlines()

_TEMPLATES = (
    "fix: {word} fails when {word} is empty (#{n})",
    "feat({word}): add {word} to {word}",
    "revert {hash}",
    "see {hash} and {short}",
    "cherry picked from commit {hash}",
    "bump {word} from {version} to {version}",
    "{word}@{version} breaks {word}",
    "https://example.com/{word}/{n}?page={n}#{word}",
    "https://github.com/{word}/{word}/issues/{n}",
    "src/{word}/{word}.py:{n}: {word} is unused",
    "id {uuid} is gone",
    "GET /rooms/{uuid}/events?after={short}-{n} 200 in {n} ms",
    "`{word}_{word}({word}={n})` returns {version}",
    "{word}: {word}, {word}: {n}",
    "const {word} = await {word}.{word}({n});",
    "{n} passed, {n} failed in {n}.3 s",
    "let's pair on {word} at 10:30, then {word}",
    "the {word} key and the {word} token are {n} bytes",
    "{word}-{word}-{n} is deployed as {version}",
    "sha256:{hash}{short}",
    "我觉得 {word} 可以了，版本 {version}",
    "tests/{word}/test_{word}.py::test_{word}_{n} PASSED",
    "kubectl -n {word} get pods {word}-{short}-x{n}",
    "image: example/{word}:{version}-{short}",
)
_WORDS = (
    "parser",
    "cache",
    "session",
    "token",
    "room",
    "widget",
    "reducer",
    "cursor",
    "login",
    "feed",
    "batch",
    "stream",
    "filter",
    "layout",
    "keyboard",
    "secretary",
    "passenger",
    "author",
    "history",
    "password",
    "tokenizer",
    "monkey",
    "access",
    "release",
    "docker",
    "index",
    "query",
    "signal",
    "worker",
)


def harmless(seed: int = 1) -> Iterator[str]:
    """Yield every line, the same ones for the same seed."""
    yield from LINES
    yield from CHATTER
    rng = random.Random(seed)
    for template in _TEMPLATES:
        for _ in range(26):
            text = template
            while "{" in text:
                text = text.replace("{word}", rng.choice(_WORDS), 1)
                text = text.replace("{n}", str(rng.randrange(1, 4000)), 1)
                text = text.replace("{hash}", f"{rng.getrandbits(160):040x}", 1)
                text = text.replace("{short}", f"{rng.getrandbits(28):07x}", 1)
                text = text.replace("{uuid}", str(uuid.UUID(int=rng.getrandbits(128), version=4)), 1)
                text = text.replace("{version}", ".".join(str(rng.randrange(20)) for _ in range(3)), 1)
            yield text
