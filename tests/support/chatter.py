"""More of what developers write and nobody has to hide: one text in a line, `⏎` for a line break."""

from __future__ import annotations

_LINES = r"""
rebased onto 4f2c1e9, force-pushed
revert 9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b
see 3f2504e0-4f89-11d3-9a0c-0305e82c3301 in the logs
trace id 4bf92f3577b34da6a3ce929d0e0e4736
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
image ghcr.io/acme/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
md5 d41d8cd98f00b204e9800998ecf8427e matches
integrity sha512-oRP4mVBpQjJyKZxLO0Xbg1GfOgaDTtDCSgnPIgn1IpvGFz0rjHRMN7TrhxAZZ8sBhGBHuzlBHSyjKOZcXZJ8OA==
bump lodash from 4.17.20 to 4.17.21
chore(deps): update eslint to ^9.1.0
release v2.0.0-beta.3+exp.sha.5114f85
git clone git@github.com:acme/web.git
git remote add up git@gitlab.com:group/sub/project.git
git push ssh://git@bitbucket.org:7999/acme/web.git
pip install git+https://github.com/acme/lib@main#egg=lib
npm i @acme/ui@^3.2.1 react@18
uses: actions/checkout@v4
uses: docker/build-push-action@4a13e500e55cf31b7a5d59a38ab2040ab0f42f56
import { a } from '@/components/home/Header'
@pytest.fixture(scope="session")
@app.get("/users/{id}")
@Override public void run()
docs at https://docs.acme.io/guide/home/start
https://github.com/acme/web/pull/123#discussion_r456
https://acme.io/users/janedoe/profile
https://acme.io/home/settings
route /home/settings returns 404
GET /home/feed 200 12ms
GET /users/42 → 200
the /Users endpoint is case-sensitive
<Link to="/home/profile">Profile</Link>
router.push('/home/dashboard')
app/home/page.tsx and pages/users/[id].tsx
src/home/index.ts: split the hero
src/users/admin/list.py
./home/builder/app
~/projects/app
~/.ssh/config
/etc/passwd is world readable
/var/lib/docker/overlay2
/usr/local/bin/node
C:\Windows\System32\drivers
C:\Program Files\Git\bin
/opt/homebrew/bin/python3
/tmp/build-4f2c1e9
node_modules/.pnpm/react@18.2.0/node_modules/react
localhost:3000 works, 127.0.0.1:8080 too
curl http://localhost:8080/healthz
bind to 0.0.0.0:80
ping 8.8.8.8 and 1.1.1.1
[::1]:8080
2001:4860:4860::8888
allow 10.0.0.0/8 and 192.168.0.0/16
version 10.2.3.4 of the driver
Chrome/120.0.0.0 Safari/537.36
upgrade to 192.168 no more
section 10.1.2
255.255.255.0
the .local suffix is mDNS
.env.local is gitignored
settings.local.json
config.internal.ts
import internal from "./internal"
org.acme.internal.Foo
threading.local()
self.local = 1
www.example.com and example.org
password: required
password must be at least 12 characters
the password field is now masked
reset password flow: step 2
add "forgot password?" link
passwordHash: string
if (password !== confirm) throw
password = request.form["password"]
const { password } = req.body
password: z.string().min(8)
password: String,
validates :password, presence: true
password=${DB_PASSWORD}
password: {{ .Values.db.password }}
password: ${{ secrets.DB_PASSWORD }}
PASSWORD=
password: ""
password: null
password=********
password: <redacted>
"password": "***"
--password-stdin
--password "$PASS"
-p $PASSWORD
PGPASSWORD=$PGPASSWORD psql
api_key = os.getenv("API_KEY")
apiKey: process.env.API_KEY,
api_key=YOUR_API_KEY
API_KEY=changeme
API_KEY=xxxx-xxxx
OPENAI_API_KEY=sk-...
sk-... goes into .env
token = lexer.next_token()
token: Token
tokens: 4096
max_tokens=1024
token_count = len(tokens)
the token bucket refills every second
CSRF token mismatch
token is invalid
token expired at 10:00
bearer token missing
Bearer <token>
Authorization: Bearer ${token}
headers: { Authorization: `Bearer ${token}` }
-H "Authorization: Bearer $TOKEN"
use basic auth for now
secret: false
secretName: my-tls
secretKeyRef:
kubectl get secret app-tls
secrets are mounted at /run/secrets
the secret sauce is caching
client_id=acme-web
public key: ssh-ed25519 in the repo
-----BEGIN PUBLIC KEY-----
-----BEGIN CERTIFICATE REQUEST-----
primary key id, foreign key user_id
key: value
key=Enter
keyboard shortcut: Ctrl+K
<li key={item.id}>
cache_key = f"user:{id}"
partition key: customer_id
sort key created_at
auth: none
auth=required
session: 30 minutes
pin the version to 1.2
PIN 7 is the LED
gpio pin: 17
pin: 2 columns
credentials: include
credentials: "same-origin"
fetch(url, { credentials: 'omit' })
passphrase is asked on start
pass: 12, fail: 0
12 passed, 0 failed
pass the token along
pass it to the handler
login page redesign
login: admin only
user: string; name: string
username and password fields
userpassword column dropped
git commit -m "fix: token refresh"
fix(auth): refresh token rotation
feat(login): remember me
docs: how to set API_KEY
test: password reset e2e
commit a1b2c3d: remove hard-coded secret
fix bug in traceback formatting
the stack trace is useless
Traceback is shown to users, fix it
it panicked at start
goroutine leak fixed
segfault in the parser
an Error: prefix is added twice
TypeError: x is not a function
ValueError: invalid literal for int()
Error: connect ECONNREFUSED 127.0.0.1:5432
NullPointerException when the cart is empty
throw new Error("no")
raise ValueError("bad")
at line 12 the loop ends
at least one reviewer
File "a.py" is missing
exit status 1
segmentation fault (core dumped)
the diff is large
--- is a separator
+++ means added
@@ is the hunk header
+1 looks good
-1 from me
- first⏎- second⏎- third
1. one⏎2. two⏎3. three
* a⏎* b⏎* c
# Title⏎⏎text
> quoted⏎and answer
A: yes⏎B: no⏎C: maybe
x = 1⏎y = 2⏎z = 3
const a = 1;⏎const b = 2;⏎const c = 3;
def f():⏎    return 1
for i in range(3):⏎    print(i)
if x:⏎    y()⏎else:⏎    z()
SELECT * FROM users WHERE id = 1;
INSERT INTO t VALUES (1, 'a');
CREATE TABLE users (id INT, password TEXT);
ALTER TABLE users ADD COLUMN token TEXT;
NODE_ENV=production
DEBUG=1 npm start
PORT=3000 and HOST=0.0.0.0
CC=gcc make
FOO=bar BAZ=qux ./run
run `npm test` first
$ npm install
$ make && make install
docker run -p 8080:80 nginx
docker run -u 1000:1000 app
docker compose up -d
kubectl apply -f k8s/
ssh -p 2222 user@host
scp file user@host:/tmp
mkdir -p a/b/c
tar -xzf a.tgz
cp -p a b
mysql -u root -p
psql -U postgres -d app
redis-cli -h localhost ping
curl -u "$USER:$PASS" https://api.acme.io
curl -X POST https://api.acme.io/v1/items -d '{"a":1}'
postgres://user:password@localhost:5432/db
postgres://localhost/app
DATABASE_URL=postgres://postgres:postgres@localhost:5432/test
mongodb://localhost:27017
redis://localhost:6379/0
https://user@bitbucket.org/acme/web.git
amqp://guest:guest@localhost
user@example in the docs
@alice can you review?
thanks @bob @carol
email: string
"email": "required"
email is invalid
send an e-mail to the team
name at domain dot com is the pattern
look at it dot by dot
meet at noon
5 @ 3.20
a@b
foo@1.2.3
commit@{1}
HEAD@{2}
main@{upstream}
@types/node@20.11.5
python@3.11
icon@2x.png
logo@3x
x @ y.T
A @ B.C
Map<string, User@home>
🎉 shipped!
👩‍💻 pairing now
✅ tests ❌ lint
→ next: deploy
修复登录页面的密码校验
密码不能为空
密码：必填
请输入密码
令牌已过期
token 过期了,重新登录
пароль обязателен
пароль: обязательное поле
パスワードを入力してください
パスワード：必須
비밀번호를 입력하세요
le mot de passe est obligatoire
mot de passe oublié ?
Passwort vergessen
das Passwort ist zu kurz
la contraseña es obligatoria
contraseña: requerida
a senha é obrigatória
la password è obbligatoria
你好，世界
全角：ＡＢＣ１２３
ｶﾀｶﾅ
naïve café résumé
Zażółć gęślą jaźń
100% sure, 50%2 no
a%20b%2Fc
?q=a%20b&lang=en
&nbsp;&lt;div&gt;
&copy; 2024
"\u00e9" is é
\n and \t and \\
C:\> dir
regex: ^[a-z]+\d{2,}$
/^(?:a|b)+$/
s/foo/bar/g
awk '{print $1}'
jq '.items[] | .name'
xargs -0 rm
2>&1 | tee out.log
#include <stdio.h>
std::unordered_map<std::string, int>
Vec<Option<Box<dyn Fn()>>>
fn main() -> Result<(), Box<dyn Error>>
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request)
public static void main(String[] args)
x => x.map(y => y + 1)
SomeVeryLongClassNameForTheAbstractFactoryBean
getUserAuthenticationTokenFromRequestHeader()
MAX_CONCURRENT_CONNECTIONS_PER_HOST
this_is_a_really_long_snake_case_identifier_name
kebab-case-component-name-that-is-long
com.acme.project.module.submodule.ClassName
aGVsbG8gd29ybGQ= decodes to hello world
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk
YWJj is abc in base64
0xdeadbeef
0x7fff5fbff8c0
contract 0x5FbDB2315678afecb367f032d93F642f64180aa3
tx 0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b
1700000000 is the epoch
2025-03-01T10:00:00Z
12:00:01 it broke
at 12:00 we deploy
build #1234 failed
PR #56, issue #78
JIRA-1234: fix it
RFC 7519 section 4
ISO 8601
CVE-2024-3094 in xz
p95 120ms → 80ms
+47 −0 in 3 files
1,234 rows in 0.02 s
50 GB/s
$5.00 per seat
€20
call me at 5
phone booth
ext. 42
SKU-12345-AB
order 4111 shipped
key-value store
sk-learn pipeline
risk-free, task-based, disk-usage
ask-me-anything-2024
ghp is the prefix
npm_package_version
npm_config_cache=/tmp/npm
hf_hub_download("bert-base-uncased")
pk_columns and fk_columns
xoxo
AKIA is a prefix of AWS keys
eyJ is base64 for {"
AIza...
glpat- tokens expire
rk_test mode
SG. is Singapore
dp.notify()
s.startswith("a")
st.text(max_size=20)
re_compile_all_the_patterns
pat-answer
oy2
key_of_the_table
abandon ship
about above absent
the test word list is long and has many words
legal winner takes it all
zoo wrong
i think we should refactor
thinking about caching
Thinking: maybe later
reasoning: unclear
the output: ok
Output: none
tool output is truncated
result: 42
environment: production
env: prod
.env is ignored
set -euo pipefail
export default function App() {}
export const a = 1
declare module "x"
INFO is too noisy
WARN: deprecated
ERROR handling
[1/4] Resolving packages...
Step 3: deploy
warning: unused variable
FAIL fast
total 8
drwxr-xr-x is 755
commit and push
index.html
From: line 3 to: line 9
Subject: matters
Date: 2025-03-01
Author: unknown
host: localhost
host=example.com
server: nginx
Set-Cookie is missing SameSite
cookie: SameSite=Lax
cookies: { secure: true }
X-Request-Id: 3f2504e0-4f89-11d3-9a0c-0305e82c3301
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
If-None-Match: W/"abc123"
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
nonce-EDNnf03nceIOfn39fn3e9h3sdfa
<script integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC">
merge branch 'feature/login' into main
cherry-picked 7c1e9d2 onto release/2.4
bisect says 1f3a5b7c9d is the first bad commit
git show 0123456789abcdef0123456789abcdef01234567
uuid: 550e8400-e29b-41d4-a716-446655440000
request_id=01HQ3K8V7N2M5P6R9S0T1W2X3Y
etag "5d8c72a5edda8d6a:0"
sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709
blake3 hash af1349b9f5f9a1a6a0404dea36dcc949
digest sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
go.sum h1:2yM6k0s2JYlE9kFvC8mC9J7hWZ1gWxJ3X8v9zq5g3nE=
v1.2.3 → v1.3.0-alpha.1+build.77
python 3.11.7, node 20.11.1, go1.22.1
requires >=3.11,<4
typescript@5.4.2 is out
docker.io/library/postgres:16.2-alpine
registry.acme.io/team/app:1.2.3-4f2c1e9
git@github.com:org/repo.git
git clone git@ssh.dev.azure.com:v3/org/proj/repo
ssh://git@github.com/org/repo.git
https://github.com/org/repo.git
https://gitlab.com/group/repo/-/merge_requests/12
https://docs.python.org/3/library/re.html#re.compile
https://example.com/?utm_source=x&utm_medium=y&id=1234567890
https://www.youtube.com/watch?v=dQw4w9WgXcQ
https://acme.io/a/b/c?x=1#token
http://localhost:5173/users/1
ws://127.0.0.1:9000
see /docs/users/guide.md
/api/v1/users/me
/users/:id/edit
/home
GET /home/latest 304
POST /users/login
redirect to /home/dashboard
endpoint /users/42/orders is slow
href="/home/about"
src/app/home/home.component.ts
packages/users/src/index.ts
app/Users/Controller.php
../home/x.js
/opt/app/bin/run
/etc/nginx/nginx.conf
/usr/share/doc
/root/.bashrc
C:\Windows\Temp
D:\build\out
%APPDATA%\npm
$HOME/.config
~/Library
127.0.0.1:6379
0.0.0.0/0
::1
10.0.0.0/8
8.8.4.4
203.0.113.7
build 10.0.19045.1
iOS 17.2.1
ratio 16:9
12:30:45
1.1.1.1
local.properties
Intl.locale
localStorage.getItem('x')
internal/server/http.go
private.key file is missing
myapp.service is active
a.local_variable
window.location
corp policy
.lan is fine
password reset email
"Forgot your password?"
Invalid password
password too short
password: string | undefined
password?: never
password: Optional[str] = None
def set_password(self, password):
user.password = hash(password)
bcrypt.compare(password, user.password)
<input type="password" name="password">
<label>Password:</label>
PASSWORD_MIN_LENGTH=12
password_field = "password"
db_password = var.db_password
password = data.aws_secretsmanager_secret.db
password: !vault
password: "{{ vault_pass }}"
PASSWORD=<your password>
PASSWORD=hidden
pwd
cd $(pwd)
echo $PWD
secret: my-secret-name
secretRef: app-secrets
aws secretsmanager get-secret-value --secret-id prod/app
from secrets import token_hex
token = secrets.token_urlsafe(32)
token: eyJ...
token=abc
tokenizer = AutoTokenizer.from_pretrained("bert")
num_tokens: 1024
token_type: bearer
access_token: string
refresh token rotation is on
invalid_token
next_page_token=
continuationToken
csrf_token()
{% csrf_token %}
tokens/s: 42
api key rotation doc
apiKey: string;
API_KEY is not set
api_key: ${API_KEY}
X-Api-Key header is required
key = "name"
key: "user.name"
keys = list(d.keys())
keyCode === 13
onKeyDown={handleKey}
primary_key=True
unique_key: id
cache-key: v1-deps-{{ checksum "package-lock.json" }}
key: ${{ runner.os }}-node-${{ hashFiles('**/package-lock.json') }}
public_key = "ssh-rsa"
apt-key is deprecated
--key-file server.pem
--token-file /run/x
--secret app
--pass-through
--password-prompt
-p 8080
-p 3000:3000
-u root
-a -b -c
ssh -i key.pem user@host
curl -u user https://x.io
psql -U app -h localhost
mysql -h localhost -P 3306
sudo -S
echo hello | sudo tee x
zip -r a.zip a
openssl req -x509 -new
openssl genrsa -out key.pem 2048
keytool -list -v
login: required
login admin
username: string, password: string
user: root
user/pass auth
admin: true
root: true
user:123
test:unit
npm run test:e2e
deploy:prod
admin/users page
auth: false
auth = AuthService()
session: Session
sessionId: string
cookie banner
Cookie: none
Set-Cookie header
sig: Signature
signature is invalid
code: 200
code=ENOENT
code review
exit code 137
error code E1234
verification code is sent by mail
the code is 6 digits
pin the dep
PIN: 4 digits
otp login
2FA is on
backup codes are shown once
recovery code page
seed: 42
np.random.seed(1234567)
pat pat
author: me
Author: team
email: required
emails are sent async
noreply
@team please
@alice @bob
ping @carol!
@angular/core
@media (max-width: 600px)
@Injectable()
@decorator
user@host
root@localhost
a@b in matrix notation
x@2x
foo@v1
lib@next
$ npm ci
$ git pull --rebase
% ls
# TODO
> note
>>> 1 + 1
➜ done
const x = 1;
let y: number = 2
fn add(a: i32, b: i32) -> i32 { a + b }
def add(a, b): return a + b
SELECT count(*) FROM logs WHERE level = 'error'
UPDATE users SET name = 'x'
GRANT SELECT ON t TO app
docker build -t app .
FROM node:20-alpine
RUN npm ci
ENV NODE_ENV=production
COPY . .
EXPOSE 3000
CMD ["node", "a.js"]
apiVersion: v1
kind: Secret
name: app
value: 3
name: token
image: app:latest
replicas: 3
- name: PORT⏎  value: "3000"
- run: npm test
on: [push]
steps:⏎  - uses: actions/checkout@v4⏎  - run: make
a: 1⏎b: 2⏎c: 3
A=1 B=2
x -> y -> z
TODO: fix⏎FIXME: later
first line⏎⏎second paragraph⏎third line
- [ ] one⏎- [x] two
| a | b |⏎|---|---|⏎| 1 | 2 |
1) a⏎2) b
Hello⏎World
Thanks!⏎Bob
ok⏎ok
let's go⏎  - step one⏎  - step two
class A:⏎    x = 1⏎    y = 2
function f() {⏎  return 1⏎}
{⏎  "a": 1,⏎  "b": 2⏎}
<div>⏎  <p>hi</p>⏎</div>
.foo {⏎  color: red;⏎}
export const RED = '#f00'⏎export const BLUE = '#00f'⏎export const X = 1
GET /a⏎POST /b
at the end⏎at the start
we saw an error:⏎it was bad
Thinking: about lunch
Reasoning is hard
thinking out loud here
thoughts?
the reasoning model is slow
output: 3
Output is empty
stdout is closed
result: ok
tool use is on
the <think> tag
`<thinking>` is stripped
Vec<String>
<T extends Foo>
List<Output>
a < b > c
<output> of the build
stack trace attached
Traceback is printed
caused by: a typo
panic mode
it panicked
core dump
goroutines leak
Exception handling
an exception occurred
NullPointerException again
Error: not found
TypeError
at line 3
see a.rb:3
main.go:12
x.py:12:3
diff is big
+++
@@
patch applied
index.js
revert "x"
conflict in a.py
HEAD~1
On branch day
Changes look good
Untracked
commit early
Step 1: read
step 2
DONE
FAILED
PASS
RUN it
remote work
INFO
WARN: x
[info] x
DEBUG=*
12:00 lunch
10:00:00 start
Jan 1 10:00
100% done
50%
10%20
%d items
%s
&lt;
a && b
a & b
\d+
\u1234
\x1b
\n\n
"\\"
/regex/g
http status 500
e.g. a.b.c
i.e. this
etc.
foo.bar.baz.qux
com.acme.app.internal.Foo
org.x.local.Y
a.corp-b
system.local.time
this.internal.x
config.local.json
os.path.join
np.float64
torch.nn.functional.cross_entropy
kubernetes.io/ingress.class
app.kubernetes.io/name
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
abcdefghijklmnopqrstuvwxyz0123456789
0123456789
ABCDEFGHIJKLMNOPQRSTUVWXYZ
deadbeefdeadbeefdeadbeefdeadbeef
dGhpcyBpcyBhIHRlc3Q=
SGVsbG8sIFdvcmxkIQ==
iVBORw0KGgo
R0lGODlhAQABAIAAAAAAAP
AbstractSingletonProxyFactoryBean
handleSubmitButtonClickEventListener
USER_SESSION_TIMEOUT_SECONDS
test_user_can_reset_password_with_valid_token
should-return-404-when-user-not-found
sk-SK locale
sk-toolbar-button-primary-large
ghost_writer_of_the_year
hf_transfer
npm_lifecycle_event
pk_id, sk_id
re_match_all_things
key_down_handler
fc-list
pa-rent
xai-lib
dp.send
s.split(",")
st.write("x")
pat.match
sl.button
cio
oauth: yes
AC power
SK region
EAA
AAAA record
SG.
1//2
v1.0-beta
the AKIA prefix
eyJ
zebra zone zoo
army of me
about the ability to absorb abstract ideas
twelve words are needed
你好世界
这个密码太短
忘记密码？
密码框
密码已更新
令牌无效
用户名或密码错误
パスワードを忘れた
パスワードが違います
비밀번호가 틀렸습니다
비밀번호 찾기
Passwort ändern
Kennwort vergessen?
mot de passe incorrect
mot de passe : obligatoire
la contraseña no es válida
senha incorreta
пароль неверный
забыли пароль?
пароль слишком короткий
hasło jest nieprawidłowe
mật khẩu không đúng
🎉🎉🎉
👍🏽
👨‍👩‍👧‍👦
❤️
→ ← ↑ ↓
“quoted”
‘x’
… and so on
naïve
Ω
½
①②③
ＡＢＣ
ﬁ
²
™
"""

CHATTER = tuple(line.replace("⏎", "\n") for line in _LINES[1:-1].split("\n"))
