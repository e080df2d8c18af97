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
fixed in 3f2a9c1
revert e83c5163316f89bfbde7d9ab23ca2e25604af290 please
md5 d41d8cd98f00b204e9800998ecf8427e
build 2024.11.3-rc1+build.77
v1.2.3-alpha.4 is out
python 3.12.4, node v20.11.1, npm 10.2.4
https://github.com/acme/api/pull/1234#discussion_r123456789
see https://stackoverflow.com/questions/1732348/regex-match-open-tags
https://example.com/?page=2&sort=asc&token_type=bearer
git@github.com:acme/api.git
git clone git@gitlab.com:group/sub/project.git
ssh://git@github.com/acme/api.git
src/auth/token.ts:42 has an unused import
relay/screen/password.py needs tests
docs/secrets.md is outdated
./node_modules/.bin/eslint --fix
/usr/local/bin/python3 -V
/etc/nginx/nginx.conf is fine
/var/log/syslog is 2GB
127.0.0.1:8000 works
localhost:3000 is up
http://localhost:5173/login
[::1]:8080 refused
8.8.8.8 is reachable
1.1.1.1 and 9.9.9.9 work
203.0.113.7 is a doc address
2001:4860:4860::8888 answers
0.0.0.0:80
connect to api.github.com failed
export API_KEY=$API_KEY
API_KEY=<your-api-key>
API_KEY=your_api_key_here
set OPENAI_API_KEY to sk-…
token: <token>
password: ********
password = os.environ["DB_PASSWORD"]
const token = process.env.GITHUB_TOKEN
const apiKey = config.get('apiKey')
secrets.GITHUB_TOKEN is available in actions
${{ secrets.NPM_TOKEN }}
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
curl -H "Authorization: Bearer ${TOKEN}" https://api.acme.io
curl -u $USER:$PASS https://x.io
postgres://localhost/test
mongodb://mongo:27017/app
Password: required
password: string;
token: str | None = None
def get_token(self, password: str) -> Token:
if (!token) throw new Error('missing token');
the token is expired
the password is wrong
password is required
the secret is to cache it
my key takeaway: keep it simple
the api key is missing from the config
key: value pairs
primary key (id)
foreign key constraint failed
sort key = created_at
public key cryptography is fun
keyboard: qwerty
tokenizer: bpe
max_tokens: 4096
max_tokens=1024, temperature=0.7
token_count = 128000
prompt_tokens: 1532
tokens per second: 43.2
password_hash column is 60 chars
password_reset_url = "/reset"
passwordField.focus()
type="password" name="password"
<input type="password" id="pw">
getPassword() returns null
auth: true
auth=none
api_key: null
apiKey: undefined
TOKEN=""
SECRET=changeme
PASSWORD=xxxxx
password=password
x-api-key: YOUR_KEY
--token "$(cat token.txt)"
-p 8080:80
docker run -p 5432:5432 postgres:16
docker login -u acme --password-stdin
ssh -p 2222 box
mkdir -p src/a
git log -p relay/
tests passed: 1432, failed: 0 in 32.1s
2024-06-11T10:22:33.123Z INFO started
[12:01:33] build ok
E501 line too long (118 > 110)
KeyError: 'name'
ModuleNotFoundError: No module named 'foo'
npm ERR! code ELIFECYCLE
warning: unused variable: `x`
error[E0382]: borrow of moved value: `s`
Segmentation fault (core dumped)
exit code 137, oom
ECONNREFUSED 127.0.0.1:5432
HTTP/1.1 200 OK
GET /api/v1/users 200 12ms
POST /login 401
SELECT id, email FROM users WHERE id = 1;
ALTER TABLE users ADD COLUMN password_hash text;
thanks @bob-smith!
@types/node@20.1.0 bumped
react@18.2.0 and react-dom@18.2.0
pip install requests==2.31.0
npm i lodash@4.17.21
cargo add serde@1.0
actions/checkout@v4
uses: docker/build-push-action@v5
ghcr.io/acme/api:1.4.2
"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz"
nonce is 42
color: #ff00aa
#1a2b3c looks better
0xDEADBEEF
0x7ffee3b4c8a0
console.log(`${a}:${b}`)
a = b ? c : d;
for i in range(10): print(i)
x => x.map(y => y * 2)
SELECT count(*) FROM t
git rebase -i HEAD~3
git cherry-pick abc1234
feat(auth): add token refresh
fix: password reset mail is sent twice
chore(deps): bump lodash from 4.17.20 to 4.17.21
refactor secret store into its own module
docs: explain how to set API keys
test: cover bearer header parsing
ci: use OIDC instead of static tokens
build(deps): bump actions/setup-node from 3 to 4
perf: cache tokens for 5 minutes
revert: "feat: basic auth"
Merge pull request #12 from acme/feature/token-rotation
Merge branch 'main' into fix/password-policy
feature/JIRA-1234-secret-scan
release/2024-11
bugfix/key-error
main
dependabot/npm_and_yarn/axios-1.7.4
你好，测试通过了
修复了登录密码校验的问题
トークンの期限が切れています
パスワードを忘れた場合
비밀번호 재설정 기능 추가
مرحبا بالعالم
Привет, пароль не подходит
déjà vu — ça marche
🚀 shipped!
👍 lgtm
🔑 key rotation is done
👨‍👩‍👧‍👦 family emoji works
✅ all green ❌ none red
lorem ipsum dolor sit amet
the quick brown fox jumps over the lazy dog
we should abandon the ability to do this and about time
I can access this account and act on every advice again about it
one two three four five six seven eight nine ten eleven twelve
this will also help people train their own model and make game code
please check if your own image will print on the right side of the page
home/user/project
/home/[USER]/x
/Users/[USER]/x
/Users/
/Users/Shared/app
/opt/homebrew/bin/brew
~/projects/x
app/home/index.tsx
pages/users/[id].tsx
GET /users/42/posts
/api/users/me
/users/alice returns 404
route /home/dashboard is slow
https://acme.com/home/news
https://acme.com/users/42
version 10.0.19045
10.0.1 is the latest release
Windows 10.0.22631.4317
chrome/120.0.6099.109
version 192.168 lol
section 10.1.2.3 of the spec
std::collections::HashMap
std::fmt::Display
a::b::c
fe80 is a prefix
dead:beef
aa:bb:cc:dd:ee:ff
10:22:33
example.com
process.env.local
.env.local is ignored
import x from './foo.internal'
this.internal.state
user.home
os.homedir()
System.getProperty("user.home")
node:internal/modules/cjs/loader
com.acme.internal.util
acme.internal.Foo
app.home.title
pkg/internal/auth/token.go
golang.org/x/net/internal/socks
internal server error
it is internal only
deploy to the internal cluster
s3://bucket/key
arn:aws:s3:::my-bucket
arn:aws:iam::123456789012:role/deploy
projects/acme-prod/secrets/db/versions/latest
vault:secret/data/app#password
op://vault/item/field
ssm:/prod/db/password
secretKeyRef: {name: db, key: password}
valueFrom:
type: Opaque
imagePullSecrets
ssh-keygen -t ed25519 -C deploy
-----BEGIN CERTIFICATE-----
BEGIN; UPDATE t SET a=1; COMMIT;
gpg: Good signature
session lasted 5 minutes
session_id column
session=expired
user_id=42
nanoid: V1StGXR8_Z5jdHi6B-myT
short id dQw4w9WgXcQ
https://youtu.be/dQw4w9WgXcQ
https://acme.atlassian.net/browse/PROJ-123
https://sentry.io/issues/1234567
https://app.datadoghq.com/apm/traces
https://api.slack.com/apps
hooks.slack.com is rate limited
discord.com/api/webhooks is down
api.telegram.org/bot<token>/getMe
AKIA is the prefix of access keys
wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
ghp_ is the prefix for classic tokens
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-ant-xxx
sk_live_...
xoxb-your-token
sk-learn is a library
sk-1234
hf_hub_download(repo_id)
hf_transfer is faster
npm_config_registry
pat_users table
key_prefix
re_compile
re_match_result
s.split(',')
s.replace('a','b')
sl.append(1)
SG.Window
ya29 is the start of a google token
AIza prefix
glpat- prefix
dapi call
pk_id
pk_test_ keys are public
rk4 integrator
whsec_ secrets
shpat_ token
key=lambda x: x[1]
sorted(items, key=itemgetter(1))
dict(key='a')
key={item.id}
:key="item.id"
primaryKey: true
keyof typeof x
KEY_ENTER
Key.Escape
token = next(tokens)
token := lexer.Next()
let token = parser.peek();
Token::Ident
TokenKind.EOF
CSRF token missing or incorrect
csrf_token() helper
tokens = text.split()
token.length > 0
secretsmanager:GetSecretValue
aws secretsmanager get-secret-value --secret-id prod/db
gh secret set NPM_TOKEN
gh auth status
kubectl get secrets -n prod
kubectl create secret generic db --from-file=./pw.txt
read -s PASSWORD
echo $PASSWORD | docker login
PASSWORD=$(pass show db)
export TOKEN=$(gcloud auth print-access-token)
DB_PASS={{ vault_db_pass }}
password: ${DB_PASSWORD}
password: !vault |
password: ENC[AES256]
password=%s
"password": "string"
"token": "string"
password?: string
password = models.CharField(max_length=128)
password = forms.PasswordInput()
token = jwt.encode(payload, key)
token = secrets.token_hex(16)
const secret = crypto.randomBytes(32)
bcrypt.compare(password, user.passwordHash)
if password != confirm: raise ValueError
assert token == expected
expect(token).toBeDefined()
mock_token = 'fake-token'
token='test'
password='secret'
user:pass@host is deprecated
http://user:pass@example.com
basic auth is enough
Basic usage
Bearer of bad news
bearer token required
Basic authentication failed
Digest auth
the bearer has to log in
pass the token through
pass: 12, fail: 3
passes: all
pwd=/app
PWD
cookie banner is broken
Cookie: theme=dark
Set-Cookie: lang=en; Path=/
credentials: 'same-origin'
private: true
private key is stored in the HSM
access: public
access_level: admin
refresh_interval: 30
client_id=my-app
client_id: 0oa1gm3
grant_type=client_credentials
code_challenge_method=S256
response_type=code&scope=openid%20email
?utm_source=x&utm_medium=y
%20 and %2F are escapes
&amp; &lt; &gt;
100% sure
50%off
regex: ^[A-Za-z0-9_-]{20,}$
[A-Z0-9]{16}
/^sk-[a-z]+$/
base64 aGVsbG8gd29ybGQ=
hello_world_this_is_a_very_long_identifier_name_for_a_test
thisIsAVeryLongCamelCaseIdentifierNameUsedInJavaCode
test_redacts_token_when_split_across_lines
SCREAMING_SNAKE_CASE_CONSTANT_NAME
com.example.myapp.services.impl.UserServiceImpl
kebab-case-component-name-with-many-parts
a1b2c3d4
deadbeefcafebabe
1234567890
1718100000
+1 for this
phone layout is off
lgtm, ship it
TODO: rename
nit: typo
wdyt?
brb
it works on my machine
CPU 93%, mem 1.2 GiB
p99 240ms -> 180ms
12 files changed, 340 insertions(+), 21 deletions(-)
Coverage 91.3% (+0.2%)
✓ 42 passed (3.1s)
FAILED tests/test_auth.py::test_login - AssertionError
PASS src/app.test.ts
--- FAIL: TestLogin (0.00s)
Finished `release` profile in 12.3s
Compiling serde v1.0.197
added 312 packages in 8s
found 0 vulnerabilities
Pulled image nginx:1.25
job 812345678 failed
run 9876543210 attempt 2
step 3/12: COPY . /app
COPY --chown=node:node . .
USER 1000:1000
chmod 600 ~/.netrc
machine learning login flow
login with google
login: admin page is broken
username: guest
port: 5432
region=eu-west-1
bucket: acme-logs
account 123456789012
sub: auth0|507f1f77bcf86cd799439020
kid: 2024-key-1
alg: RS256
thumbprint x5t
nbf/exp claims
License: MIT
SPDX-License-Identifier: Apache-2.0
ISBN 978-3-16-148410-0
RFC 6749 section 4.1
CVE-2024-3094
GHSA-jfh8-c2jp-5v3q
JIRA ABC-1234 closes #99
PROJ-42
UTC+02:00
2024-W23
5e-10
1_000_000
$100k ARR
f(x) = x^2
a <- b
x |> f
[1,2,3].map(n => n+1)
{"ok":true,"n":3}
<div class="home">hi</div>
.btn--primary:hover
@media (min-width: 600px)
@app.get("/")
@pytest.mark.asyncio
decorator @property
v2@latest
you@work? lol
name@host
https://linear.app/acme/issue/ENG-123/fix-key
https://bugs.chromium.org/p/chromium/issues/detail?id=1234567
https://hub.docker.com/r/library/redis/tags?name=7.2
https://crates.io/crates/serde/1.0.203
https://pypi.org/project/requests/2.32.3/
https://unpkg.com/react@18.3.1/umd/react.production.min.js
bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi
UUID=3f2504e0-4f89-11d3-9a0c-0305e82c3301 / ext4 defaults 0 1
PARTUUID=1234abcd-01
key fingerprint = 3AA5 C343 7149 0C2A 9F3E 1C2B 8D7E 6F5A 4B3C 2D1E
key: ${{ runner.os }}-pip-${{ hashFiles('**/requirements.txt') }}
redis key user:42:profile:v3
keys 1-3 unlock the door
license key format is XXXXX-XXXXX-XXXXX
key is missing in translations/en.json
press any key to continue
sort key createdAtDescendingThenById
the key getUserPreferencesById2Cached is stale
i18n key settings.account.security.title
_ApiKeyAuthenticationMiddlewareFactoryImplementation2
test_thatTheUserCanLogInWithAnExpiredSession2Times
my_VeryLongCamelCaseIdentifierForTesting42Things
TEST_API_ENDPOINT_FOR_INTEGRATION_2
load_test_results20240611summaryfinal
is_live_streamingenabledforallusers
run_test_suite
pytest -k test_api_returns_200
npm run test:live
feature_flag_live_preview
user_token_count
access_token_lifetime_in_seconds
app_secret_rotation_policy.md
config/prod_api_gateway.yml
dev_server_started
on_server_error
__init__
__webpack_require__
_.debounce
process.env.NODE_ENV
import.meta.env.VITE_API_URL
Action: approve the PR
Action: none needed
Thought: maybe we should split this
Observation: it is slow
Note: see above
Error in line 3?
Error: it broke again
At 3pm we deploy
Calls: 12 today
it is called at startup from line 3
1) foo⏎2) bar⏎3) baz
1: first⏎2: second
a | b
- [ ] todo⏎- [x] done
* one⏎* two⏎* three
> quoted⏎> twice
Hi team⏎⏎The build is green.⏎⏎Thanks
feat: x⏎⏎- add a⏎- remove b⏎⏎Closes #12
fix(auth): y⏎⏎Co-authored-by: someone
for x in y:⏎    print(x)⏎
```py⏎x = 1⏎y = 2⏎```
const a = 1;⏎const b = 2;
SELECT *⏎FROM t⏎WHERE id = 1
A=1
FOO=bar make test
PORT=3000 npm start
git push -u origin main
docker run -u 1000:1000 -p 80:80 nginx
curl -sSL https://install.acme.io | sh
curl -u "$USER:$TOKEN" https://x.io
openssl rand -hex 32
openssl s_client -connect acme.io:443
openssl dgst -sha256 file.tar.gz
net use
net user
zip -r out.zip dist
7z x a.7z -oout
unzip -q a.zip -d out
redis-cli -p 6380 ping
mysql -h 127.0.0.1 -P 3306
mongosh mongodb://localhost:27017
az login --use-device-code
aws s3 ls s3://acme-logs --profile dev
aws configure set region eu-west-1
npm config set registry https://registry.npmjs.org/
git config user.name "Release Bot"
vault kv get secret/app
secret_id_ttl=24h
secret_id: required
routing_key=orders.created
routing_key: "#"
appid: com.acme.app
appid=730
page 1/2
1/3 tests failed
2/1718100000 retries
0/8 tiles
ratio 1/1000
live_reload: true
test_utils.py
t1.9 is old
p8e-commerce
sketch of the skeleton
skilledworkersandskippers
sk8er boi
dg9 rock
fio-u is fio
xoxo everyone
key-value
keyring backend
monkey patching
turkey sandwich
donkey: 3
hotkey ctrl+k
keyframe at 00:12
lookup by key, then by id
api keys are rotated monthly
the access key page is slow
private key format PKCS8
secret key cryptography
access_key column
private_key_path = ~/.ssh/id
secret_key_ref: db
/users/me returns 200
/users/42 -> 404
/users/list answers 500
/home returns 200
section 10.2.3.4
version 10.0.0.1
v10.1.2.3
process.stdout.local
./config.local
../shared.internal
'./types.private'
import y from '../x.local'
main.home
user.home:visible
this.home: string
home: /app
route.home:active
foo::home
std.local
test test test
buffalo buffalo buffalo buffalo buffalo buffalo
the the the
[ 12.5] seconds
[1/3] building
[ OK ] started
00000000 is zero
0: first
10: ten
0000:0000
ff:ff:ff
line 1 | line 2
Step 1 of 3
HTTP 404
200 OK
日本語のキー設定を更新
キー: 値
密钥 已更新
密钥管理模块重构
密码学课程
비밀번호 정책 변경
토큰 만료 처리
ключ кэша сброшен
токен истёк, обновите страницу
clave primaria
le mot de passe est trop court
das Passwort ist falsch
🔐 secrets are scanned
🤖 bot: pong
(╯°□°)╯︵ ┻━┻
<3
:)
https://user@host
ok?
"""

CHATTER = tuple(line.replace("⏎", "\n") for line in _LINES[1:-1].split("\n"))
