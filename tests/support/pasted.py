"""What people paste: one text in a line, `⏎` for a line break, templates as in `support.leaks`.

Written down before the rules were looked at, to see what these miss.
"""

from __future__ import annotations

_SECRETS = r"""
hey the staging key is sk-proj-‹b48› pls don't share
OPENAI_API_KEY="sk-proj-‹b74›T3BlbkFJ‹b74›"
I hard-coded sk-svcacct-‹b60› in config.ts, removing now
anthropic key rotated → sk-ant-api03-‹b93›AA
ANTHROPIC_AUTH_TOKEN: sk-ant-oat01-‹b86›AA
my admin one is sk-ant-admin01-‹b80›
OPENROUTER_API_KEY=sk-or-v1-‹h64›
curl https://api.groq.com -H "Authorization: Bearer gsk_‹b52›"
DEEPSEEK_API_KEY=sk-‹h32›
mistral: MISTRAL_API_KEY=‹b32›
COHERE_API_KEY='‹b40›'
hf login --token hf_‹b34›
REPLICATE_API_TOKEN=r8_‹b37›
export GEMINI_API_KEY=AIzaSy‹b33›
AZURE_OPENAI_API_KEY=‹h32›
git clone https://ghp_‹b36›@github.com/acme/private.git
git remote set-url origin https://x-access-token:ghs_‹b36›@github.com/acme/web.git
remote: https://oauth2:glpat-‹b20›@gitlab.com/acme/infra.git
GITHUB_TOKEN=gho_‹b36› gh pr list
gh auth login --with-token <<< github_pat_11ABCDEFG0‹b12›_‹b59›
CI_JOB_TOKEN=glcbt-64_‹b20›
//registry.npmjs.org/:_authToken=npm_‹b36›
npm config set //npm.acme.dev/:_authToken ‹b36›
[pypi]⏎username = __token__⏎password = pypi-AgEIcHlwaS5vcmc‹b130›
twine upload -u __token__ -p pypi-AgENdGVzdC5weXBpLm9yZw‹b120› dist/*
docker login -u acmebot -p dckr_pat_‹b27›
echo dckr_pat_‹b27› | docker login --username acmebot --password-stdin
{"auths": {"ghcr.io": {"auth": "‹b60›=="}}}
aws configure set aws_access_key_id AKIA‹u16›
aws_secret_access_key = ‹b40›
AWS_SECRET_ACCESS_KEY=‹b20›/‹b19›
  "SecretAccessKey": "‹b40›",
  "SessionToken": "IQoJb3JpZ2luX2VjE‹b200›"
AWS_SESSION_TOKEN=FwoGZXIvYXdzE‹b180›==
ASIA‹u16› is the temp key from sts
"private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq‹b64›\n‹b64›\n-----END PRIVATE KEY-----\n",
-----BEGIN OPENSSH PRIVATE KEY-----⏎b3BlbnNzaC1rZXktdjEAAAAA‹b46›⏎‹b70›⏎-----END OPENSSH PRIVATE KEY-----
-----BEGIN PGP PRIVATE KEY BLOCK-----⏎⏎lQdGBGX‹b57›⏎‹b64›⏎-----END PGP PRIVATE KEY BLOCK-----
GOOGLE_CLIENT_SECRET=GOCSPX-‹b28›
refresh_token: 1//04‹b80›
access_token=ya29.a0AfB_by‹b140›
AccountKey=‹b86›==;EndpointSuffix=core.windows.net
DefaultEndpointsProtocol=https;AccountName=acmestore;AccountKey=‹b86›==
?sv=2022-11-02&ss=b&srt=sco&sp=rwdlac&se=2026-01-01&sig=‹b43›%3D
AZURE_CLIENT_SECRET=‹b3›8Q~‹b34›
Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=‹b43›=
doctl auth init -t dop_v1_‹h64›
CLOUDFLARE_API_TOKEN=‹b40›
cf key: X-Auth-Key: ‹h37›
FLY_API_TOKEN="FlyV1 fm2_‹b120›"
HEROKU_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
VERCEL_TOKEN=‹b24›
NETLIFY_AUTH_TOKEN=nfp_‹b36›
render: rnd_‹b28›
SUPABASE_SERVICE_ROLE_KEY=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ‹b120›.‹b43›
sb_secret_‹b31›
DATABASE_URL=postgres://postgres:‹b16›@db.acmeprod.supabase.co:5432/postgres
mongodb+srv://root:‹b12›@cluster0.ab1cd.mongodb.net/app?retryWrites=true
redis://default:‹b32›@redis-12345.c1.us-east-1.ec2.cloud.redislabs.com:12345
mysql://app:‹b14›@tcp(mysql.acme.io:3306)/app
amqps://acme:‹b32›@rabbit.acme.io/vhost
Server=tcp:acme.database.windows.net;Database=app;User Id=sa;Password=‹b14›;Encrypt=True
jdbc:postgresql://db.acme.io/app?user=app&password=‹b12›
psql "host=db.acme.io user=app password=‹b14› dbname=app"
PGPASSWORD=‹b12› psql -h db.acme.io -U app
mysqldump -u root -p‹b10› app > dump.sql
mongosh -u admin -p ‹b12› --host db.acme.io
redis-cli -h cache.acme.io -a ‹b24› ping
sshpass -p '‹b10›' ssh deploy@web1.acme.io
curl -u admin:‹b12› https://ci.acme.io/job/build
curl --user 'bot:‹b30›' https://jira.acme.io/rest
curl -H 'X-Api-Key: ‹b32›' https://api.acme.io
curl -H "PRIVATE-TOKEN: glpat-‹b20›" https://gitlab.acme.io/api/v4/projects
wget --header="Authorization: token ‹h40›" https://api.github.com/user
http POST api.acme.io Authorization:"Bearer ‹b40›"
Authorization: Basic ‹b28›==
authorization: Digest username="bob", realm="x", nonce="‹h32›", response="‹h32›"
Proxy-Authorization: Basic ‹b24›=
Set-Cookie: sessionid=‹b32›; HttpOnly; Path=/
Cookie: _session=‹b40›; csrftoken=‹b32›
X-Amz-Security-Token=IQoJ‹b120›
https://s3.amazonaws.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=‹h64›
https://hooks.slack.com/services/T0‹u8›/B0‹u8›/‹b24›
https://discord.com/api/webhooks/‹n18›/‹b68›
SLACK_BOT_TOKEN=xoxb-‹n12›-‹n13›-‹b24›
xoxp-‹n12›-‹n12›-‹n13›-‹h32› was my user token
xapp-1-A0‹u9›-‹n13›-‹h64›
SLACK_SIGNING_SECRET=‹h32›
DISCORD_TOKEN=MTA‹b21›.G‹b5›.‹b38›
bot token: ‹n10›:AA‹b33›
TELEGRAM_BOT_TOKEN=‹n10›:AA‹b33›
stripe listen --api-key sk_test_‹b99›
STRIPE_SECRET_KEY=rk_live_‹b99›
whsec_‹b32› is the webhook secret
TWILIO_AUTH_TOKEN=‹h32›
SG.‹b22›.‹b43›
MAILGUN_API_KEY=key-‹h32›
mailchimp ‹h32›-us21
POSTMARK_SERVER_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
RESEND_API_KEY=re_‹b8›_‹b24›
SHOPIFY_ACCESS_TOKEN=shpat_‹h32›
SQUARE_ACCESS_TOKEN=EAAA‹b60›
PLAID_SECRET=‹h30›
BRAINTREE_PRIVATE_KEY=‹h32›
paypal client secret: E‹b79›
DD_API_KEY=‹h32›
datadog app key ‹h40›
NEW_RELIC_LICENSE_KEY=‹h36›NRAL
NRAK-‹u27›
SENTRY_AUTH_TOKEN=sntrys_eyJ‹b150›_‹b43›
SENTRY_DSN=https://‹h32›@o12345.ingest.sentry.io/67890
GRAFANA_TOKEN=glsa_‹b32›_‹h8›
glc_eyJ‹b100›
LINEAR_API_KEY=lin_api_‹b40›
NOTION_TOKEN=secret_‹b43›
ntn_‹b46› for the docs integration
FIGMA_TOKEN=figd_‹b40›
ASANA token 1/‹n16›:‹h32›
JIRA_API_TOKEN=ATATT3xFfGF0‹b170›=‹u8›
bitbucket app password ATBB‹b32›
ALGOLIA_ADMIN_KEY=‹h32›
mapbox sk.eyJ‹b60›.‹b22›
VAULT_TOKEN=hvs.CAES‹b90›
vault operator unseal ‹b43›=
Unseal Key 1: ‹b43›=
TF_TOKEN_app_terraform_io=‹b14›.atlasv1.‹b67›
PULUMI_ACCESS_TOKEN=pul-‹h40›
DATABRICKS_TOKEN=dapi‹h32›-2
SNOWFLAKE_PASSWORD='‹b16›'
kubectl config set-credentials admin --token=‹b60›
token: eyJhbGciOiJSUzI1NiIsImtpZCI6I‹b30›.eyJpc3MiOiJrdWJlcm5ldGVz‹b90›.‹b120›
K8S secret → password: ‹b16›==
client-key-data: LS0tLS1CRUdJTi‹b200›
kind: Secret⏎data:⏎  password: ‹b20›==
OP_SERVICE_ACCOUNT_TOKEN=ops_eyJ‹b200›
tailscale up --authkey tskey-auth-k‹b11›CNTRL-‹b32›
PrivateKey = ‹b43›=
wg genkey → PresharedKey = ‹b43›=
SOPS_AGE_KEY=AGE-SECRET-KEY-1‹u58›
JWT_SECRET=‹b32›
NEXTAUTH_SECRET="‹b43›="
DJANGO SECRET_KEY = 'django-insecure-‹b40›'
app.secret_key = '‹h32›'
SECRET_KEY_BASE=‹h128›
RAILS_MASTER_KEY=‹h32›
APP_KEY=base64:‹b43›=
session.secret: ‹b24›
ENCRYPTION_KEY=‹h64›
signingKey: "‹b44›"
const apiKey = "‹b32›";
let API_TOKEN = '‹b40›'
apiKey: '‹b39›',
client_secret: ‹b36›
clientSecret="‹b36›"
"password": "‹b12›",
'passwd' => '‹b12›',
db.password=‹b12›
spring.datasource.password=‹b14›
password: "‹b8›!‹b6›"
DB_PASS=‹b6›#‹b6›
  MYSQL_ROOT_PASSWORD: ‹b12›
POSTGRES_PASSWORD=‹b6›$‹b6›
- name: ADMIN_PASSWORD⏎  value: ‹b14›
<add key="ApiKey" value="‹b32›" />
<password>‹b12›</password>
<property name="hibernate.connection.password">‹b12›</property>
connectionString="Data Source=db;User ID=sa;Password=‹b12›;"
login: admin pass: ‹b10›
user: demo pw: ‹b10›
creds: admin / ‹b10›
admin:‹b12› works on the test box
the password is ‹b10›, change it after
password for the VPN: ‹b12›
PW is ‹b9›!
my pass: ‹b10›
ok use passwd ‹b10› for now
temp password = ‹b10›
Your new password is: ‹b12›
root password on the pi: ‹b8›
wifi password: ‹b12›
passphrase: correct-‹b10›-staple
el token es ‹b32›
la contraseña es ‹b10›
contraseña: ‹b10›
das Passwort lautet ‹b10›
Passwort: ‹b10›
Kennwort = ‹b10›
le mot de passe est ‹b10›
mot de passe : ‹b10›
la password è ‹b10›
a senha é ‹b10›
senha: ‹b10›
пароль: ‹b10›
пароль от базы ‹b10›
密码是‹b10›
密码：‹b10›
数据库密码是 ‹b10› 别外传
パスワードは‹b10›です
パスワード: ‹b10›
비밀번호는 ‹b10› 입니다
비밀번호: ‹b10›
密钥：‹b32›
hasło: ‹b10›
wachtwoord: ‹b10›
şifre: ‹b10›
كلمة المرور: ‹b10›
पासवर्ड: ‹b10›
lösenord: ‹b10›
token：‹b32›
api key是‹b32›
the api key is ‹b32› btw
bearer ‹b40›
access token ‹b40› expires tomorrow
refreshToken: "‹b64›"
?access_token=‹b40›&page=1
https://api.acme.io/v1?api_key=‹b32›
https://maps.googleapis.com/maps/api/js?key=AIzaSy‹b33›&v=3
ftp://upload:‹b10›@files.acme.io/in
https://bob:‹b10›@nexus.acme.io/repository/npm/
smtp://apikey:SG.‹b22›.‹b43›@smtp.sendgrid.net:587
svn co --username bob --password ‹b10› https://svn.acme.io
net use Z: \\srv\share /user:bob ‹b10›
ansible-playbook -e "ansible_become_pass=‹b10›" site.yml
helm install x --set auth.password=‹b12›
docker run -e MYSQL_PASSWORD=‹b12› mysql:8
terraform apply -var="db_password=‹b14›"
az login --service-principal -u app -p ‹b34› --tenant acme
gcloud auth activate --key=‹b40›
vault kv put secret/app password=‹b12›
export PASS=‹b10›
setx TOKEN ‹b40›
$env:API_KEY = "‹b32›"
set -gx OPENAI_KEY sk-‹b48›
echo "‹b12›" | sudo -S apt update
sudo -S <<< '‹b12›' ls
openssl enc -k ‹b12› -in a
openssl rsa -passin pass:‹b12› -in key.pem
zip -P ‹b10› out.zip a
gpg --passphrase ‹b12› -d a.gpg
7z x a.7z -p‹b10›
keytool -storepass ‹b10› -alias x
storePassword=‹b10›
keyPassword '‹b10›'
ALTER USER app WITH PASSWORD '‹b12›';
CREATE USER 'a'@'%' IDENTIFIED BY '‹b12›';
GRANT ALL ON *.* TO 'a' IDENTIFIED BY "‹b12›"
INSERT INTO users VALUES ('bob', '$2b$12$‹b53›')
root:$6$‹b8›$‹b86›:19000:0:99999:7:::
machine github.com login bob password ‹b40›
api.acme.io:5432:app:bob:‹b12›
db.acme.io:5432:*:app:‹b12›
2025-01-01 ERROR failed login password=‹b10› user=bob
Error: invalid api key: ‹b32›
401 for token ‹b40›
KeyError: 'sk-‹b48›'
fatal: could not read from https://bob:‹b36›@git.acme.io/x
+ export TOKEN=‹b40›
##[debug]secret=‹b32›
Using token ghp_‹b36›... ok
`AKIA‹u16›`/`‹b40›` are prod
key: AKIA‹u16› secret: ‹b40›
ETH private key 0x‹h64›
PRIVATE_KEY=0x‹h64›
INFURA_PROJECT_SECRET=‹h32›
https://mainnet.infura.io/v3/‹h32›
https://eth-mainnet.g.alchemy.com/v2/‹b32›
xprv9s21ZrQH143K‹b90›
wallet key 5K‹b49›
TOTP secret: ‹u32›
otpauth://totp/Acme:bob?secret=‹u32›&issuer=Acme
2FA backup codes: ‹n8› ‹n8› ‹n8›
your verification code is ‹n6›
OTP: ‹n6›
PIN: ‹n6›
cursor key_‹h64›
PUSHER_APP_SECRET=‹h20›
MIXPANEL_TOKEN=‹h32›
SEGMENT_WRITE_KEY=‹b32›
AMPLITUDE_API_KEY=‹h32›
ROLLBAR_ACCESS_TOKEN=‹h32›
BUGSNAG_API_KEY=‹h32›
CODECOV_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
SONAR_TOKEN=sqp_‹h40›
CIRCLE_TOKEN=CCIPAT_‹b22›_‹h40›
BUILDKITE_AGENT_TOKEN=‹b50›
SNYK_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
ARTIFACTORY_PASSWORD=AKCp8‹b68›
NUGET_API_KEY=oy2‹l43›
CARGO_REGISTRY_TOKEN=cio‹b32›
GEM_HOST_API_KEY=rubygems_‹h48›
HEX_API_KEY=‹h32›
EXPO_TOKEN=‹b40›
FIREBASE_TOKEN=1//0‹b90›
FCM server key AAAA‹b7›:APA91b‹b134›
APPLE app password ‹l4›-‹l4›-«zkqf»-«mwpx»
OKTA: SSWS 00‹b40›
AUTH0_CLIENT_SECRET=‹b64›
CLERK_SECRET_KEY=sk_test_‹b40›
WORKOS_API_KEY=sk_test_‹b60›
ELASTIC_PASSWORD=‹b20›
Authorization: ApiKey ‹b56›==
PINECONE_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
WEAVIATE_KEY=‹b36›
LANGCHAIN_API_KEY=lsv2_pt_‹h32›_‹h10›
WANDB_API_KEY=‹h40›
ELEVENLABS_API_KEY=sk_‹h48›
DEEPGRAM_API_KEY=‹h40›
ASSEMBLYAI_API_KEY=‹h32›
fyi prod openai: sk-‹b48›
config.yaml -> openai: {key: sk-proj-‹b60›}
claude key (don't commit!): sk-ant-api03-‹b93›AA
export ANTHROPIC_API_KEY=sk-ant-api03-‹b93›AA && claude
GROQ_API_KEY: 'gsk_‹b52›'
xai key xai-‹b80›
PERPLEXITY_API_KEY=pplx-‹b48›
together: tgp_v1_‹b43›
FIREWORKS_API_KEY=fw_‹b24›
huggingface-cli login --token hf_‹b34› --add-to-git-credential
wandb login ‹h40›
REPLICATE_API_TOKEN="r8_‹b37›"
curl "https://generativelanguage.googleapis.com/v1/models?key=AIzaSy‹b33›"
GitHub PAT expires tomorrow: ghp_‹b36›
fine grained: github_pat_11‹b20›_‹b59›
ghs_‹b36› leaked in the run log
git push https://bob:ghp_‹b36›@github.com/a/b.git
machine gitlab.com login oauth2 password glpat-‹b20›
GITLAB_TOKEN=glpat-‹b20› glab mr list
gitlab-runner register --registration-token GR1348941‹b20›
npm token: npm_‹b36›
_authToken="npm_‹b36›"
poetry config pypi-token.pypi pypi-AgEIcHlwaS5vcmc‹b120›
UV_PUBLISH_TOKEN=pypi-AgEIcHlwaS5vcmc‹b120›
cargo login cio‹b32›
DOCKERHUB_TOKEN=dckr_pat_‹b27›
"auth": "‹b40›=="
aws_access_key_id=AKIA‹u16›⏎aws_secret_access_key=‹b40›
my keys: AKIA‹u16› ‹b40›
export AWS_ACCESS_KEY_ID=ASIA‹u16›
aws s3 ls --secret-key ‹b40›
AWS secret: ‹b40›
x-amz-security-token: ‹b150›
-----BEGIN RSA PRIVATE KEY-----⏎MIIEpAIBAAKCAQEA‹b48›⏎‹b64›⏎-----END RSA PRIVATE KEY-----
key: |⏎  -----BEGIN PRIVATE KEY-----⏎  MIIEvQIBADANBgkq‹b46›⏎  -----END PRIVATE KEY-----
const pem = `-----BEGIN EC PRIVATE KEY-----⏎‹b64›⏎-----END EC PRIVATE KEY-----`
{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\n‹b64›\n-----END PRIVATE KEY-----\n"}
gcloud token ya29.‹b120›
client secret GOCSPX-‹b28›
az storage --account-key ‹b86›==
AZURE_STORAGE_KEY=‹b86›==
SharedAccessSignature=sv=2020&sig=‹b43›%3D&se=2030
Authorization: SharedKey acct:‹b43›=
CF_API_KEY=‹h37›
DIGITALOCEAN_ACCESS_TOKEN=dop_v1_‹h64›
hcloud: HCLOUD_TOKEN=‹b64›
LINODE_TOKEN=‹h64›
VULTR_API_KEY=‹u36›
SCW_SECRET_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
OVH_APPLICATION_SECRET=‹b32›
fly auth token fm2_‹b120›
railway token ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
vercel --token ‹b24› deploy
netlify deploy --auth nfp_‹b36›
supabase key sbp_‹h40›
anon key eyJhbGciOiJIUzI1NiJ9.eyJ‹b90›.‹b43›
mongodb://admin:‹b14›@10.1.1.1:27017/?authSource=admin
MONGO_URI=mongodb+srv://app:‹b16›@c0.mongodb.net
postgresql+asyncpg://svc:‹b20›@db.prod/app
mssql://sa:‹b10›!@sql:1433/db
rediss://:‹b40›@cache.acme.io:6380
kafka sasl.password=‹b16›
sasl.jaas.config=org.apache.kafka PlainLoginModule required username="u" password="‹b16›";
elastic:‹b20›@es.acme.io
clickhouse-client --user u --password ‹b12›
PGPASSWORD='‹b16›' pg_dump app
mysql -uroot -p'‹b12›' db
mysql --password=‹b12› -u root
mongo -u admin -p '‹b12›'
sqlplus scott/‹b10›@orcl
influx --token ‹b86›==
ldapsearch -D cn=admin -w ‹b12› -b dc=x
rsync --password-file=x rsync://bob:‹b10›@h/x
curl -u 'bob:‹b12›' https://x.io
curl https://bob:‹b12›@x.io/api
curl -H 'Authorization: Bearer ‹b60›' x.io
-H "x-api-key: ‹b40›"
-H 'apikey: ‹b40›'
--header 'X-Auth-Token: ‹b32›'
fetch(u, {headers: {Authorization: "Bearer ‹b50›"}})
requests.get(u, auth=("bob", "‹b12›"))
headers = {"Authorization": "token ‹h40›"}
axios.defaults.headers.common['X-Token'] = '‹b40›'
Authorization: token ‹h40›
AUTHORIZATION: BEARER ‹b40›
authorization=Bearer%20‹b40›
Cookie: PHPSESSID=‹l26›; path=/
set-cookie: auth_token=‹b64›; Secure
document.cookie = "sid=‹b32›"
JSESSIONID=‹u32›
?token=‹b32›
#access_token=‹b80›&expires_in=3600
&client_secret=‹b32›&grant_type=client_credentials
https://api.telegram.org/bot‹n10›:AA‹b33›/getMe
https://discordapp.com/api/webhooks/‹n18›/‹b68›
slack hook https://hooks.slack.com/services/T‹u9›/B‹u9›/‹b24›
xoxb-‹n12›-‹n12›-‹b24› for the bot
SLACK_APP_TOKEN=xapp-1-A‹u10›-‹n12›-‹h64›
client.run("MTE‹b21›.G‹b5›.‹b38›")
stripe: sk_live_‹b24›
STRIPE_WEBHOOK_SECRET=whsec_‹b32›
rk_live_‹b24› restricted
TWILIO_AUTH_TOKEN: "‹h32›"
SENDGRID_API_KEY=SG.‹b22›.‹b43›
mailgun key-‹h32›
MAILCHIMP: ‹h32›-us6
shopify shpat_‹h32›
shpss_‹h32›
SQUARE=sq0atp-‹b22›
paypal: access_token$production$‹l16›$‹h32›
RAZORPAY_KEY_SECRET=‹b24›
DATADOG_API_KEY=‹h32›
newrelic NRAK-‹u27›
sentry sntrys_eyJ‹b140›_‹b43›
grafana: glsa_‹b32›_‹h8›
PagerDuty token y_‹b18›
OPSGENIE_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
linear lin_api_‹b40›
notion ntn_‹b46›
figma figd_‹b40›
airtable pat‹b14›.‹h64›
jira token ATATT3xFfGF0‹b170›=‹u8›
CONFLUENCE_TOKEN=‹b24›
TRELLO_TOKEN=‹h64›
zapier https://hooks.zapier.com/hooks/catch/‹n7›/‹l7›
VAULT_TOKEN=s.‹b24›
hvs.‹b90› root token
Initial Root Token: hvs.‹b24›
terraform login: ‹b14›.atlasv1.‹b67›
doppler dp.st.prd.‹b43›
ops_eyJ‹b200›
tskey-client-k‹b11›CNTRL-‹b32›
ZEROTIER_TOKEN=‹b32›
CONSUL_HTTP_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
NOMAD_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
ARGOCD_AUTH_TOKEN=eyJhbGciOiJIUzI1NiJ9.eyJ‹b80›.‹b43›
argocd admin password: ‹b16›
kubeadm join 1.2.3.4:6443 --token ‹l6›.‹l16›
--discovery-token-ca-cert-hash sha256:abc --certificate-key ‹h64›
docker swarm join --token SWMTKN-1-‹l50›-‹l25› 1.2.3.4:2377
stringData:⏎  api-token: ‹b40›
    password: ‹b16›
secretKey: "‹b40›"
"secret": "‹b40›"
"apiSecret": '‹b40›'
"accessToken":"‹b60›"
refresh_token=‹b80›
id_token=eyJhbGciOiJSUzI1NiJ9.eyJ‹b80›.‹b80›
:password => "‹b12›"
password => '‹b12›'
$password = "‹b12›";
String password = "‹b12›";
var pwd = '‹b12›'
let secret: &str = "‹b24›";
const SECRET: &'static str = "‹b24›";
private static final String API_KEY = "‹b32›";
#define API_KEY "‹b32›"
password := "‹b12›"
os.environ["API_KEY"] = "‹b32›"
os.Setenv("TOKEN", "‹b32›")
ENV['SECRET'] = '‹b24›'
process.env.TOKEN = "‹b32›"
setenv API_SECRET ‹b32›
set PASSWORD=‹b12›
password = ‹b12›
passwd: ‹b12›
pass=‹b12›
user=admin;pwd=‹b12›;
uid=sa;pwd=‹b10›
"pw": "‹b10›"
admin_password: ‹b12›
smtp_pass=‹b12›
IMAP pass ‹b12›
vpn psk: ‹b20›
psk="‹b12›"
wpa_passphrase=‹b12›
ansible_ssh_pass=‹b12›
become_password: ‹b12›
vault_password: ‹b16›
BASIC_AUTH=admin:‹b12›
http://admin:‹b12›@192.168.1.1/
rtsp://admin:‹b10›@cam/stream
user admin, password ‹b10›
username: bob password: ‹b10›
bob's password is ‹b10›
the new one's password: ‹b10›
pwd for staging is ‹b10›
the db pass is ‹b10›
root pw ‹b10›
our wifi key is ‹b12›
secret is ‹b24›
use this token: ‹b40›
here's your api key: ‹b32›
token for the bot: ‹b40›
the secret for staging was ‹b24›
set it to password ‹b10›
Kennwort: ‹b10›
Dein Passwort ist ‹b10›
Passwort für den Server: ‹b10›
mdp: ‹b10›
voici le mot de passe: ‹b10›
mot de passe admin = ‹b10›
contraseña de la base: ‹b10›
la clave es ‹b10›
clave: ‹b10›
senha do banco: ‹b10›
la password del server è ‹b10›
parola: ‹b10›
пароль ‹b10›
пароль: ‹b10›
логин admin пароль ‹b10›
пароль от админки: ‹b10›
токен: ‹b32›
密码：‹b10›，别告诉别人
密码是：‹b10›
令牌：‹b40›
密钥是‹b40›
パスワードは「‹b10›」です
パスワード：‹b10›
トークン: ‹b40›
비번: ‹b10›
비밀번호는 ‹b10›
토큰: ‹b40›
hasło to ‹b10›
heslo: ‹b10›
jelszó: ‹b10›
mật khẩu: ‹b10›
รหัสผ่าน: ‹b10›
kata sandi: ‹b10›
mnemonic key xprv‹b107›
DEPLOYER_PRIVATE_KEY=‹h64›
INFURA_KEY=‹h32›
https://polygon-mainnet.g.alchemy.com/v2/‹b32›
ALCHEMY_API_KEY=‹b32›
etherscan apikey=‹u34›
BINANCE_SECRET=‹b64›
COINBASE_API_SECRET=‹b32›
otp ‹n6›
code 2FA: ‹n6›
Your code is ‹n6›
otpauth://totp/x?secret=‹u32›
TOTP_SECRET=‹u32›
GPG passphrase: ‹b14›
keystore password ‹b10›
signing.password=‹b10›
storeFile=x storePassword=‹b10›
ANDROID_KEYSTORE_PASSWORD=‹b10›
MATCH_PASSWORD=‹b12›
FASTLANE_PASSWORD=‹b12›
APP_STORE_KEY=‹b40›
EXPO_TOKEN=‹b40›
SENTRY_AUTH_TOKEN=‹h64›
CODECOV_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
CHROMATIC_PROJECT_TOKEN=chpt_‹h15›
TURBO_TOKEN=‹b24›
NX_CLOUD_ACCESS_TOKEN=‹b60›
SNYK_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
SONAR_TOKEN=squ_‹h40›
invalid password "‹b12›" for bob
wrong api key ‹b32› given
DEBUG token=‹b40› user=1
[info] using key sk-‹b48›
+ curl -H 'Authorization: Bearer ‹b40›' https://x.io
> Authorization: Bearer ‹b40›
< Set-Cookie: s=‹b40›; HttpOnly
level=debug msg="auth" password=‹b12›
{"msg":"login","password":"‹b12›"}
body: {"user":"bob","pass":"‹b12›"}
<Password>‹b12›</Password>
<secret>‹b24›</secret>
<apiKey>‹b32›</apiKey>
<entry key="db.password" value="‹b12›"/>
api_key: ‹b32› # rotate
secret_key_base: ‹h128›
credentials: ‹b40›
auth: ‹b40›
session_secret=‹b32›
COOKIE_SECRET=‹b32›
HMAC_KEY=‹h64›
ok the deploy key is AKIA‹u16› and the secret is ‹b40›, rotate when done
AWS_ACCESS_KEY_ID=AKIA‹u16›
export AWS_SECRET_ACCESS_KEY=‹b40›
[default]⏎aws_access_key_id=ASIA‹u16›⏎aws_secret_access_key=‹b40›⏎region=eu-west-1
aws configure set aws_secret_access_key ‹b40› --profile prod
AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjE‹b180›==
boto3.client('s3', aws_access_key_id='AKIA‹u16›', aws_secret_access_key='‹b40›')
"accessKeyId": "AKIA‹u16›", "secretAccessKey": "‹b40›"
bedrock key ABSK style: ABSKQmVkcm9ja0FQSUtleS‹b100›
https://my-bucket.s3.amazonaws.com/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA‹u16›%2F20240611%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=‹h64›
amzn.mws.‹h8›-‹h4›-‹h4›-‹h4›-‹h12› is the seller token
GOOGLE_API_KEY=AIza‹b35›
maps is broken with AIza‹b35›, quota?
new google.maps.Loader({apiKey: "AIza‹b35›"})
curl "https://generativelanguage.googleapis.com/v1beta/models?key=AIza‹b35›"
client_secret: GOCSPX-‹b28›
the oauth secret is GOCSPX-‹b28› fyi
access_token ya29.a0‹b160› expired again
refresh token 1//0g‹b60›-L9Ir
DefaultEndpointsProtocol=https;AccountName=prodlogs;AccountKey=‹b86›==;EndpointSuffix=core.windows.net
azure ad app secret: ‹b3›7Q~‹b34›
https://acct.blob.core.windows.net/c/f.zip?sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2025-01-01&sig=‹b20›%2B‹b21›%3D
Endpoint=sb://bus-prod.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=‹b43›=
HostName=hub1.azure-devices.net;DeviceId=d1;SharedAccessKey=‹b43›=
azure devops pat = ‹l52›
Server=tcp:db.database.windows.net,1433;Initial Catalog=app;User ID=sa_app;Password=‹b16›;Encrypt=True;
push with ghp_‹b36› instead of your password
git clone https://ghp_‹b36›@github.com/acme/api.git
git remote set-url origin https://x-access-token:ghs_‹b36›@github.com/acme/api.git
GITHUB_TOKEN: github_pat_‹b22›_‹b59›
gh auth login --with-token <<< gho_‹b36›
refresh: ghr_‹b76›
user token=ghu_‹b36›.
//npm.pkg.github.com/:_authToken=ghp_‹b36›
glab auth login --token glpat-‹b20›
PRIVATE-TOKEN: glpat-‹b20›
curl --header "PRIVATE-TOKEN: ‹b20›" "https://gitlab.example.com/api/v4/projects"
runner registration token is GR1348941‹b20›
gitlab-runner register --registration-token glrt-‹b20›
deploy token gldt-‹b20› for registry
feed token glft-‹b20›
trigger glptt-‹h40›
oauth app secret gloas-‹h64›
the bot uses xoxp-‹n11›-‹n11›-‹n12›-‹h32› right now
slack: xoxe.xoxp-1-‹b160›
xapp token → xapp-1-A‹u10›-‹n13›-‹h64›
webhook https://hooks.slack.com/services/T‹u8›/B‹u10›/‹b24›
curl -X POST -H 'Content-type: application/json' --data '{"text":"hi"}' https://hooks.slack.com/services/T‹u8›/B‹u8›/‹b24›
https://hooks.slack.com/workflows/T‹u8›/A‹u9›/‹n18›/‹b24›
slack signing secret = ‹h32›
xoxc-cookie xoxd-‹b80›%2F‹b20›
DISCORD_TOKEN=MTA‹b23›.‹b6›.‹b38›
client.login("OTk‹b21›.‹b6›.‹b27›")
bot token is MTE‹b23›.G‹b5›.‹b38› don't share
https://discordapp.com/api/webhooks/‹n19›/‹b68› posts to #alerts
discord client_secret=‹b32›
STRIPE_SECRET_KEY=sk_live_‹b24›
stripe test key sk_test_‹b99›
rk: rk_live_‹b24›
stripe listen gave whsec_‹b32›
stripe.api_key = "sk_live_51‹b97›"
TWILIO_API_KEY=SK‹h32›
SENDGRID_API_KEY='SG.‹b22›.‹b43›'
sg key: SG.‹b22›.‹b43› (mail only)
mailgun private ‹h32›-‹h8›-‹h8›
curl -s --user 'api:key-‹h32›' https://api.mailgun.net/v3/mg.example.com/messages
mailchimp ‹h32›-us14
MAILCHIMP_KEY=‹h32›-us6
brevo: xkeysib-‹h64›-‹b16›
smtp xsmtpsib-‹h64›-‹b16›
postmark server token: ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
X-Postmark-Server-Token: ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
resend key is re_‹b8›_‹b24› i think
NPM_TOKEN=npm_‹b36› npm publish
npm config set //registry.npmjs.org/:_authToken ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
[pypi]⏎username = __token__⏎password = pypi-AgEIcHlwaS5vcmc‹b150›
twine upload -u __token__ -p pypi-AgEIcHlwaS5vcmcC‹b140› dist/*
docker login -u acme -p ‹b20› registry.acme.io
docker pat dckr_pat_‹b27›
echo dckr_oat_‹b32› | docker login -u acme --password-stdin
{"auths":{"ghcr.io":{"auth":"‹b56›=="}}}
HF_TOKEN=hf_‹b34›
from_pretrained("meta/x", token="hf_‹b34›")
org key api_org_‹b34›
OPENAI_API_KEY=sk-‹b20›T3BlbkFJ‹b20›
openai key sk-proj: sk-proj-‹b74›T3BlbkFJ‹b74›
client = OpenAI(api_key="sk-svcacct-‹b74›T3BlbkFJ‹b74›")
try sk-‹b48›, it still has credit
ANTHROPIC_API_KEY=sk-ant-api03-‹b93›AA
x-api-key: sk-ant-api03-‹b93›AA
claude oauth sk-ant-oat01-‹b93›AA
admin: sk-ant-admin01-‹b93›AA
OPENROUTER_API_KEY sk-or-v1-‹h64›
groq works with gsk_‹b52›
xai key: xai-‹b80›
PERPLEXITY=pplx-‹b48›
cohere: COHERE_API_KEY=‹b40›
mistral key ‹b32› stops working tomorrow
MISTRAL_API_KEY=‹b32›
deepseek api key is sk-‹h32›
TOGETHER_API_KEY=‹h64›
langsmith lsv2_pt_‹h32›_‹h10›
LANGFUSE_SECRET_KEY=sk-lf-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
pinecone pcsk_‹b6›_‹b63›
elevenlabs sk_‹h48› for the voice
nvidia: nvapi-‹b64›
tavily tvly-‹b32›
telegram bot ‹n10›:AA‹b33›
https://api.telegram.org/bot‹n10›:AA‹b33›/sendMessage?chat_id=1
TELEGRAM_BOT_TOKEN=‹n9›:AA‹b33›
shopify admin token shpat_‹h32›
X-Shopify-Access-Token: shpca_‹h32›
SHOPIFY_API_SECRET=shpss_‹h32›
private app password shppa_‹h32›
square EAAA‹b60›
SQUARE_ACCESS_TOKEN=sq0atp-‹b22›
square oauth secret sq0csp-‹b43›
heroku auth:token printed HRKU-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
HRKU new: HRKU-AA‹b58›
DO oauth: doo_v1_‹h64›
dor refresh dor_v1_‹h64›
curl -H "X-Auth-Key: ‹h37›" -H "Content-Type: application/json" https://api.cloudflare.com/client/v4/zones
cloudflare origin ca: v1.0-‹h24›-‹h146›
curl -H "Authorization: Bearer ‹b40›" https://api.cloudflare.com/client/v4/user/tokens/verify
DD_API_KEY=‹h32› DD_APP_KEY=‹h40› datadog-agent run
datadog api key: ‹h32›
DD-API-KEY: ‹h32›
app key ddapp_‹b34›
new relic user key NRAK-‹u27›
browser key: NRJS-‹h19›
insights NRII-‹b32›
SENTRY_AUTH_TOKEN=sntrys_eyJpYXQiOjE3‹b120›_‹b43›
sentry-cli --auth-token sntryu_‹h64› releases list
grafana sa: glsa_‹b32›_‹h8›
GRAFANA_CLOUD_TOKEN=glc_‹b100›==
grafana api key eyJrIjoi‹b80›==
VAULT_TOKEN=hvs.‹b95›
vault login s.‹b24›
vault login hvs -> hvb.‹b140›
X-Vault-Token: hvs.‹b95›
VAULT_SECRET_ID=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
credentials "app.terraform.io" {⏎  token = "‹b14›.atlasv1.‹b67›"⏎}
TFE_TOKEN=‹b14›.atlasv1.‹b67›
atlassian ATATT3xFfGF0‹b160›=‹u8›
curl -u me@corp.com:ATATT3xFfGF0‹b160›=‹u8› https://corp.atlassian.net/rest/api/3/myself
jira_token: ‹b24›
BITBUCKET_CLIENT_SECRET=‹b32›
trello token ATTA‹h64›‹h8›
LINEAR_OAUTH=lin_oauth_‹h64›
notion secret_‹b43›
NOTION_TOKEN=ntn_‹n11›‹b35›
X-Figma-Token: figd_‹b40›
airtable pat: pat‹b14›.‹h64›
AIRTABLE_API_KEY=key‹b14›
dropbox token sl.‹b140›
DROPBOX_APP_SECRET=‹l15›
OKTA_TOKEN=00‹b40›
Authorization: SSWS 00‹b40›
auth0 client secret: ‹b64›
AUTH0_CLIENT_SECRET="‹b64›"
jwt: eyJ‹b33›.eyJ‹b40›.‹b43›
Authorization: Bearer eyJ‹b33›.eyJ‹b40›.‹b43›
cookie: session=eyJ‹b33›.eyJ‹b40›.‹b43›
it returned {"access_token":"eyJ‹b33›.eyJ‹b40›.‹b43›","token_type":"bearer","expires_in":3600}
-----BEGIN RSA PRIVATE KEY-----⏎MIIEpAIBAAKCAQEA‹b48›⏎‹b64›⏎‹b64›⏎-----END RSA PRIVATE KEY-----
-----BEGIN EC PRIVATE KEY-----⏎MHcCAQEEI‹b55›⏎‹b64›⏎‹b32›==⏎-----END EC PRIVATE KEY-----
-----BEGIN PGP PRIVATE KEY BLOCK-----⏎⏎lQVYBF‹b58›⏎‹b64›⏎‹b64›⏎=‹b4›⏎-----END PGP PRIVATE KEY BLOCK-----
-----BEGIN ENCRYPTED PRIVATE KEY-----⏎MIIFHDBOBgkqhkiG9w0BBQ0w‹b40›⏎‹b64›⏎-----END ENCRYPTED PRIVATE KEY-----
here is the key -----BEGIN PRIVATE KEY----- MC4CAQAwBQYDK2VwBCIEI‹b43› -----END PRIVATE KEY----- use it
PuTTY-User-Key-File-3: ssh-ed25519⏎Encryption: none⏎Comment: k⏎Private-Lines: 1⏎‹b44›⏎Private-MAC: ‹h64›
AGE-SECRET-KEY-1‹u58›
DATABASE_URL=postgres://app:‹b18›@db.acme.io:5432/app
postgresql://admin:‹b12›@10.20.0.4/main
mongodb+srv://svc:‹b16›@cluster0.ab1cd.mongodb.net/?retryWrites=true
redis://:‹b32›@cache.acme.io:6379/0
amqp://guest:‹b14›@mq.acme.io/vhost
mysql://root:hunter2‹b6›@db/app?charset=utf8
jdbc:postgresql://db.acme.io/app?user=app&password=‹b16›
jdbc:oracle:thin:scott/‹b12›@db.acme.io:1521/XE
jdbc:sqlserver://db;user=sa;password=‹b14›;
mssql+pyodbc://sa:‹b12›@srv/db?driver=ODBC+Driver+17
ftp://deploy:‹b12›@ftp.acme.io/www
smtp://mailer:‹b20›@smtp.acme.io:587
https://ci:‹b30›@nexus.acme.io/repository/npm/
clickhouse://default:‹b16›@ch.acme.io:9000/logs
nats://svc:‹b16›@nats.acme.io:4222
snowflake://me:‹b14›@xy12345/db
host=db.acme.io port=5432 user=app password=‹b16› dbname=app sslmode=require
curl -u admin:‹b14› https://jenkins.acme.io/job/x/build
curl --user jenkins:11‹h32› https://jenkins.acme.io/
curl -H "Authorization: token ‹h40›" https://git.acme.io/api/v1/user
curl -H "X-API-Key: ‹b32›" https://api.acme.io/v1/me
curl -H 'api-key: ‹h32›' https://x.search.windows.net/indexes
wget --http-user=bob --http-password=‹b12› https://acme.io/f
http -a bob:‹b12› https://acme.io/api
mysql -u root -p‹b12› app < dump.sql
mysqldump --password=‹b14› --all-databases
PGPASSWORD=‹b14› psql -h db.acme.io -U app
redis-cli -h cache -a ‹b24› ping
mongosh --username root --password ‹b16›
sshpass -p '‹b12›' ssh root@box
helm install app --set auth.password=‹b16›
kubectl create secret generic db --from-literal=password=‹b16›
kubectl config set-credentials me --token=eyJ‹b33›.eyJ‹b40›.‹b43›
stringData:⏎  DB_PASS: ‹b18›
machine github.com login me password ‹b24›
machine api.heroku.com⏎  login me@corp.com⏎  password ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
vault kv put secret/app api_key=‹b24›
gpg --batch --passphrase '‹b16›' -d f.gpg
openssl enc -aes-256-cbc -k ‹b20› -in a -out b
ansible-playbook site.yml -e "ansible_become_pass=‹b12›"
net use Z: \\\\srv\\share ‹b12› /user:corp\\bob
gcloud auth activate --access-token ya29.‹b120›
heroku config:set SECRET_KEY_BASE=‹h128›
fly secrets set JWT_SECRET=‹b32›
flyctl token: FlyV1 fm2_‹b120›
FLY_API_TOKEN=fo1_‹b43›
SECRET_KEY = 'django-insecure-‹b50›'
password: ‹b14›
the password is ‹b14› for the staging box
pw: ‹b10›
passwd=‹b12›
my passphrase is "‹b8›-‹b8›"
const dbPassword = '‹b16›';
String apiKey = "‹b32›";
api_token = "‹h40›"
"client_secret": "‹b32›"
client_secret=‹b40›&grant_type=client_credentials
clientSecret: ‹b40›
<add key="ApiSecret" value="‹b32›" />
<password>‹b14›</password>
  - name: API_TOKEN⏎    value: ‹b32›
ENV SECRET_TOKEN ‹b32›
set ADMIN_PASSWORD=‹b12›
setx TOKEN ‹b32›
https://acme.io/login?token=‹b32›&next=/
https://api.acme.io/data?api_key=‹h32›
https://acme.io/cb#access_token=‹b60›&state=1
wss://rt.acme.io/?auth=‹b40›
https://api.openweathermap.org/data/2.5/weather?q=Oslo&appid=‹h32›
algolia admin api key ‹h32›
mapbox secret sk.eyJ1Ijoi‹b60›.‹b22›
FACEBOOK_APP_SECRET=‹h32›
fb page token EAAG‹b150›
TWITTER_BEARER=AAAAAAAAAAAAAAAAAAAAA‹b80›
twitter consumer secret ‹b50›
LINKEDIN_CLIENT_SECRET=‹b16›
PAYPAL_SECRET=E‹b79›
paypal access_token$production$‹l16›$‹h32›
braintree access_token$production$‹l16›$‹h32›
plaid secret: ‹h30›
access-production-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
COINBASE_SECRET=‹b32›
binance api secret ‹b64›
infura https://mainnet.infura.io/v3/‹h32›
alchemy https://eth-mainnet.g.alchemy.com/v2/‹b32›
ETH_PRIVATE_KEY=0x‹h64›
private key: ‹h64›
databricks dapi‹h32›
sonar squ_‹h40›
circleci CCIPAT_‹b22›_‹h40›
CIRCLE_TOKEN=‹h40›
buildkite bkua_‹h40›
travis token: ‹b22›
netlify nfp_‹b36›
vercel blob vercel_blob_rw_‹b16›_‹b30›
SUPABASE_SERVICE_KEY=sbp_‹h40›
supabase secret sb_secret_‹b22›_‹b8›
planetscale pscale_tkn_‹b43›
pscale_pw: pscale_pw_‹b43›
neon napi_‹l64›
doppler dp.pt.‹b43›
DOPPLER_TOKEN=dp.st.prd.‹b43›
1password ops_eyJ‹b250›
postman PMAK-‹h24›-‹h34›
rubygems rubygems_‹h48›
nuget push -k oy2‹l43›
dotnet nuget push x.nupkg --api-key oy2‹l43›
artifactory AKCp‹b69›
jfrog cmVmdGtu‹b56›
launchdarkly sdk-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
LD_API=api-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
segment write key: ‹b32›
mixpanel secret ‹h32›
posthog phx_‹b43›
phc key phc_‹b43›
intercom dG9rO‹b54›=
zendesk api token ‹b40›
HUBSPOT=pat-na1-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
asana 1/‹n16›:‹h32›
clickup pk_‹n8›_‹u32›
monday.com token eyJ‹b33›.eyJ‹b40›.‹b43›
typeform tfp_‹b44›_‹b14›
contentful CFPAT-‹b43›
sanity sk‹b178›
readme rdme_‹l70›
prefect pnu_‹b36›
duffel duffel_test_‹b43›
easypost EZAK‹b54›
EZTK: EZTK‹b54›
flutterwave FLWSECK_TEST-‹h32›-X
shippo shippo_live_‹h40›
lob live_‹h35›
frameio fio-u-‹b64›
dynatrace dt0c01.‹u24›.‹u64›
adobe p8e-‹b32›
alibaba LTAI‹b20›
ALIYUN_SECRET=‹b30›
tencent AKID‹b32›
yandex AQVN‹b36›
yc iam t1.9eu‹b100›.‹b86›
scaleway SCW_SECRET_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
linode token ‹h64›
hetzner: HCLOUD_TOKEN=‹b64›
vultr api key ‹u36›
tailscale up --authkey tskey-auth-‹b12›CNTRL-‹b32›
ngrok config add-authtoken 2‹b26›_‹b21›
age AGE-SECRET-KEY-1‹u58›
clojars CLOJARS_‹h60›
openshift oc login --token=sha256~‹b43›
SONARQUBE=sqa_‹h40›
gitea token ‹h40›
teams webhook https://acme.webhook.office.com/webhookb2/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›@‹h8›-‹h4›-‹h4›-‹h4›-‹h12›/IncomingWebhook/‹h32›/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
https://hooks.zapier.com/hooks/catch/‹n7›/‹l7›
https://outlook.office.com/webhook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›@‹h8›-‹h4›-‹h4›-‹h4›-‹h12›/IncomingWebhook/‹h32›/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
PAGERDUTY_TOKEN=u+‹b18›
pagerduty routing_key: ‹h32›
okta: client_secret ‹b40›
Set-Cookie: sessionid=‹l32›; HttpOnly; Path=/
wg: PrivateKey = ‹b42›0=
PresharedKey = ‹b42›8=
htpasswd line bob:$apr1$‹b8›$‹b22›
root:$6$‹b12›$‹b86›:19000:0:99999:7:::
bcrypt in the seed: $2b$12$‹b53›
totp seed: ‹u32›
adafruit io key aio_‹b28› in secrets.py
ALGOLIA_API_KEY: "‹h32›"
authress sc_‹l24›.‹l4›.acc-‹l20›.‹b60›=
service client sc_‹l24›.‹l4›.acc-‹l20›.‹b60›= leaked
bittrex_secret_key = "‹l32›"
meraki dashboard key: ‹h40›
clickhouse cloud 4b1d‹b38›
CODECOV_TOKEN: ‹l32›
coinbase_access_token = ‹b64›
confluent secret key ‹l64›
CONFLUENT_API_SECRET=‹b64›
curl -H 'X-Auth-Token: ‹b36›' https://ops.acme.io/v2
dnkey: dnkey-‹b26›-‹b52›
drone server token ‹l32›
DRONE_TOKEN=‹l32›
etsy_api_key: ‹l24›
fastly api token ‹b32› purges the cdn
FASTLY_API_TOKEN=‹b32›
finicity-app-secret: ‹l20›
finnhub token=‹l20›
FLICKR_SECRET='‹l32›'
freemius "secret_key" => "sk_‹b29›"
freshbooks_access_token=‹l64›
_gitlab_session=‹l32›
gitter_token: ‹b40›
gocardless live_‹b40›
infracost key: ico-‹b32›
INFRACOST_API_KEY=ico-‹b32›
intra42 s-s4t2ud-‹h64›
kraken_secret = "‹b80›=="
KUCOIN_API_SECRET=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
looker client_secret "‹l24›"
maxmind license ‹b6›_‹b29›_mmk
MAXMIND_LICENSE_KEY=‹b16›
mattermost-token: ‹l26›
messagebird live_‹b25›
MESSAGEBIRD_API_KEY=‹b25›
netlify_auth_token = "‹b43›"
nytimes_key=‹b32›
octopus deploy API-‹u26›
curl -H "X-Octopus-ApiKey: API-‹u26›" https://octo.acme.io/api
privateai: "X-API-KEY": "‹l32›"
rapidapi-key: ‹l10›msh‹l15›p1‹l6›jsn‹l12›
"X-RapidAPI-Key": "‹l10›msh‹l15›p1‹l6›jsn‹l12›"
Api-Token: ‹h40›
settlemint sm_pat_‹b16›
BUNDLE_ENTERPRISE__CONTRIBSYS__COM=‹h8›:‹h8›
squarespace token: ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
sumologic access key ‹l64›
sumo_access_key="‹b64›"
travis ci: TRAVIS_TOKEN=‹b22›
trello api key ‹h32›
twitch client secret: ‹l30›
zendesk_secret_key = '‹l40›'
yandex aws secret: YC‹b38›
grafana legacy key eyJrIjoi‹b72›
defined in k8s: eyJhbGciOiJSUzI1NiIsImtpZCI6‹b20›.eyJpc3Mi‹b120›.‹b342›
facebook: appsecret ‹h32›
fb access token ‹n15›|‹b27›
EAACEdEose0cBA‹b90›
ebay PRD-‹h12›-‹h4›-‹h4›-‹h4›-‹h4› cert id
canva cnvca‹b50›
cockroach CCDB1_‹b22›_‹b40›
devcycle dvc_server_‹l8›_‹l4›_‹l40›
hop ptk_‹b40›
ionic ion_‹b42›
lichess lip_‹b20›
localstack: LOCALSTACK_AUTH_TOKEN=ls-‹b8›-‹b4›-‹b4›-‹b4›-‹b12›
localstack token ls-aBcD‹b4›-‹b4›-‹b4›-‹b4›-‹b12›
logicmonitor bearer lmb_‹b60›
midtrans Mid-server-‹b24›
metabase mb_‹b43›=
oculus OC|‹n16›|‹h32›
onfido api_live.‹b11›.‹b32›
paddle pdl_live_apikey_‹l26›_‹b22›_‹b3›
persona persona_production_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
pinterest pina_‹b60›
paystack sk_live_‹h40›
portainer ptr_‹b43›=
rootly rootly_‹h64›
samsara samsara_api_‹b30›
segment sgp_‹b64›
thunderstore tss_‹b36›
val town vtwn_‹b30›
volcengine AKLT‹b44›
workato wrkaus-‹b300›
zuplo zpka_‹h32›_‹h8›
runpod rpa_‹u40›
RUNPOD_API_KEY=rpa_‹u40›
cfx cfxk_‹b20›_‹b5›
stytch secret-live-‹b35›=
ubidots BBFF-‹b30›
salesforce session 00D‹b12›!AQ‹b94›
SF_SESSION_ID=00D‹b12›!‹b96›
salad salad_cloud_‹b30›_‹b20›
uploadcare secret key: ‹h20›
voiceflow VF.DM.‹h24›.‹b16›
zulip api key: ‹b32›
endor endr+‹b16›
mux token secret ‹b75›
deepgram key: ‹h40›
assemblyai: ‹h32› as the authorization header
AAI_API_KEY=‹h32›
stability sk-‹b48›
AI21_API_KEY=‹b32›
cerebras csk-‹l48›
sambanova api key ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
novita sk_‹b43›
modal: MODAL_TOKEN_SECRET=as-‹b22›
BRAVE_API_KEY=BSA‹b27›
exa: EXA_API_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
serpapi &api_key=‹h64›
gemini tuned with AIzaSy‹b33› today
AWS temp creds: ASIA‹u16› ‹b40› FwoGZXIvYXdzE‹b200›
aws sso: "accessToken": "aoaAAAAA‹b80›:‹b60›"
[profile x]⏎aws_access_key_id     = AKIA‹u16›⏎aws_secret_access_key = ‹b40›
$ aws sts ... --> "SecretAccessKey":"‹b40›","SessionToken":"IQoJb3JpZ2luX2VjE‹b120›"
terraform.tfvars: access_key = "AKIA‹u16›" secret_key = "‹b40›"
s3cmd --access_key=AKIA‹u16› --secret_key=‹b40› ls
mc alias set myminio https://minio.acme.io admin ‹b20›
rclone config create r s3 secret_access_key ‹b40›
restic: RESTIC_PASSWORD=‹b24›
borg: BORG_PASSPHRASE='‹b20›'
B2_APPLICATION_KEY=K005‹b27›
backblaze key K004‹b27›
WASABI_SECRET=‹b40›
oci: pass_phrase=‹b14›
az storage blob list --account-key ‹b86›==
az acr login -n x -u u -p ‹b52›
azure functions ?code=‹b54›==
Ocp-Apim-Subscription-Key: ‹h32›
"subscription-key": "‹h32›"
cosmos: AccountEndpoint=https://x.documents.azure.com:443/;AccountKey=‹b86›==;
azure search admin key ‹b52›
APPLICATIONINSIGHTS InstrumentationKey=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
recaptcha secret 6L‹b38›
RECAPTCHA_SECRET_KEY=6L‹b38›
firebase AAAA‹b7›:APA91b‹b134›
fcm server key = AAAA‹b7›:APA91b‹b134›
ibm cloud: IBMCLOUD_API_KEY=‹b44›
softlayer_api_key ‹h64›
ovh: OVH_CONSUMER_KEY=‹b32›
ovh application secret ‹b32›
UPCLOUD_PASSWORD=‹b18›
kamatera secret ‹h32›
rundeck X-Rundeck-Auth-Token: ‹b32›
teamcity token eyJ0eXAiOiAiVENWMiJ9.‹b36›.‹b48›
jenkins crumb & api token: 11‹h32›
gerrit http password: ‹b43›
phabricator cli-‹l28›
api-‹l28› is the conduit token
gogs ‹h40› as access token
forgejo token=‹h40›
codeberg: git clone https://me:‹h40›@codeberg.org/me/x.git
bitbucket x-token-auth:ATCTT3xFfGN0‹b160›=‹u8›@bitbucket.org
svn checkout --username bob --password ‹b12› svn://x
hg clone https://bob:‹b12›@hg.acme.io/x
composer config http-basic.repo.acme.io token ‹h40›
composer config --global github-oauth.github.com ghp_‹b36›
{"http-basic":{"repo.acme.io":{"username":"me","password":"‹b20›"}}}
gem push: :rubygems_api_key: rubygems_‹h48›
bundle config gems.acme.io me:‹b24›
pip install --index-url https://__token__:glpat-‹b20›@gitlab.com/api/v4/projects/1/packages/pypi/simple x
uv publish --token pypi-AgEIcHlwaS5vcmc‹b120›
mvn settings <server><id>c</id><username>me</username><password>‹b20›</password></server>
gradle.properties: signing.password=‹b14›
ossrhPassword=‹b20›
keytool -storepass ‹b10› -list
jarsigner -keystore k -storepass '‹b12›' a.jar
export ANDROID_KEYSTORE_PASSWORD=‹b12›
MATCH_PASSWORD=‹b16›
expo: EXPO_TOKEN=‹b40›
appcenter token ‹h40›
bugsnag api key: ‹h32›
rollbar post_server_item token ‹h32›
honeybadger: hbp_‹b36›
logdna ingestion key: ‹h32›
loggly: token="‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"
papertrail token: ‹b20›
better stack source token ‹b24›
elastic: ELASTIC_PASSWORD=‹b24›
Authorization: ApiKey ‹b60›==
kibana encryptionKey: "‹b32›"
splunk hec: Authorization: Splunk ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
influx token ‹b86›==
INFLUX_TOKEN=‹b86›==
prom remote_write basic_auth: {username: 123, password: glc_‹b90›==}
curl -H "Authorization: GenieKey ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›" https://api.opsgenie.com/v2/alerts
Authorization: Token token=‹b20›
X-Redmine-API-Key: ‹h40›
X-Plex-Token=‹b20›
Emby: api_key=‹h32›
mqtt password: ‹b14›
home assistant long lived token eyJ‹b33›.eyJ‹b40›.‹b43›
wpa_passphrase: psk="‹b14›"
wifi password is ‹b12›
snmp-server community ‹b12› RO
enable secret 5 $1$‹b4›$‹b22›
username admin privilege 15 secret ‹b12›
radius-server key ‹b14›
ipsec psk: ‹b24›
openvpn static key⏎-----BEGIN OpenVPN Static key V1-----⏎‹h32›⏎‹h32›⏎-----END OpenVPN Static key V1-----
ssh-keygen out:⏎-----BEGIN DSA PRIVATE KEY-----⏎MIIBuwIBAAKBgQD‹b49›⏎‹b64›⏎-----END DSA PRIVATE KEY-----
---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----⏎P2/56wAAA‹b61›⏎‹b64›⏎---- END SSH2 ENCRYPTED PRIVATE KEY ----
nsec: nsec1‹l58›
priv key L‹b51›
0x private key: ‹h64› for the deployer
DEPLOYER_PRIVATE_KEY=0x‹h64›
ETHERSCAN_API_KEY=‹u34›
moralis: eyJ‹b33›.eyJ‹b40›.‹b43›
quicknode https://fancy-name.quiknode.pro/‹h40›/
helius https://mainnet.helius-rpc.com/?api-key=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
okx: OK-ACCESS-PASSPHRASE: ‹b12›
bybit_api_secret=‹b36›
alpaca APCA-API-SECRET-KEY: ‹b40›
adyen AQE‹l5›hm‹b60›-‹b40›=-‹b16›
ADYEN_API_KEY=AQEyhmfxK‹b80›-‹b43›=-‹b16›
checkout.com sk_sbox_‹l26›
mollie live_‹b30›
MOLLIE_KEY=test_‹b30›
wise api token ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
revolut sk_‹b50›
lemonsqueezy eyJ‹b33›.eyJ‹b40›.‹b43›
gumroad access token ‹b43›
shopify partner prtapi_‹h32›
bigcommerce X-Auth-Token: ‹l31›
woocommerce cs_‹h40›
klaviyo pk_‹h34›
iterable Api-Key: ‹h32›
onesignal os_v2_app_‹l103›
pusher secret: ‹h20›
ably ‹b6›.‹b6›:‹b43›
ABLY_KEY=‹b6›.‹b6›:‹b43›
pubnub sec-c-‹b48›
livekit: LIVEKIT_API_SECRET=‹b43›
daily.co DAILY_API_KEY=‹h64›
vonage api_secret=‹b16›
plivo auth_token "‹b40›"
sinch: ‹h32› is the api token
zoom client secret ‹b32›
webex bot ‹b64›_P0A1_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
matrix access_token syt_‹b20›_‹b20›_‹b6›
line channel access token: ‹b170›=
wechat AppSecret: ‹h32›
dingtalk https://oapi.dingtalk.com/robot/send?access_token=‹h64›
feishu https://open.feishu.cn/open-apis/bot/v2/hook/‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
https://chat.googleapis.com/v1/spaces/AAAA/messages?key=AIza‹b35›&token=‹b43›
https://mattermost.acme.io/hooks/‹l26›
rocketchat https://chat.acme.io/hooks/‹b17›/‹b48›
https://hook.eu1.make.com/‹l32›
ntfy token tk_‹l29›
gotify token=A‹b14›
pushbullet o.‹b32›
ifttt https://maker.ifttt.com/trigger/x/with/key/‹b43›
todoist token ‹h40›
evernote S=s1:U=‹h5›:E=‹h11›:C=‹h11›:P=1cd:A=en-devtoken:V=2:H=‹h32›
coda ‹h8›-‹h4›-‹h4›-‹h4›-‹h12› as api token
miro access token eyJtaXJv‹b60›_‹b40›
canvas lms ‹n4›~‹b64›
strava client_secret=‹h40›
spotify client secret ‹h32›
SPOTIPY_CLIENT_SECRET='‹h32›'
lastfm secret ‹h32›
reddit secret=‹b30›
unsplash secret: ‹b43›
tmdb api key ‹h32›
nasa api_key=‹b40›
mapquest key=‹b32›
here apiKey=‹b43›
tomtom key=‹b32›
virustotal x-apikey: ‹h64›
shodan init ‹b32›
censys secret ‹b32›
hibp-api-key: ‹h32›
abuseipdb Key: ‹h80›
SLACK_APP_TOKEN=xapp-1-A‹u10›-‹n12›-‹h64› SLACK_SIGNING_SECRET=‹h32›
minio root: MINIO_ROOT_PASSWORD=‹b20›
rabbitmqctl add_user svc ‹b16›
psql "postgresql://svc@db/app?password=‹b16›"
CREATE ROLE svc LOGIN PASSWORD '‹b16›';
GRANT ALL ON *.* TO 'svc'@'%' IDENTIFIED BY '‹b16›';
ALTER LOGIN sa WITH PASSWORD = '‹b14›';
cqlsh -u cassandra -p ‹b14› host
influx -username admin -password '‹b14›'
neo4j bolt: auth=("neo4j", "‹b14›")
cypher-shell -u neo4j -p ‹b14›
mount -o username=bob,password=‹b12› //srv/x /mnt
xfreerdp /u:bob /p:‹b12› /v:host
plink -pw ‹b12› bob@host
psexec -u admin -p ‹b12› cmd
winrm -user x -pass ‹b12›
lftp -u bob,‹b12› ftp.acme.io
chpasswd <<< "bob:‹b14›"
echo 'bob:‹b14›' | chpasswd
useradd -p ‹b14› bob
ansible_ssh_pass=‹b12› ansible_user=root
$ANSIBLE_VAULT;1.1;AES256⏎‹n80›⏎‹n80›
vault_password: ‹b20›
puppet eyaml ENC[PKCS7,‹b100›]
chef: validation key -----BEGIN RSA PRIVATE KEY-----⏎‹b64›⏎-----END RSA PRIVATE KEY-----
salt-api: {"eauth":"pam","username":"x","password":"‹b12›"}
docker service: POSTGRES_PASSWORD_FILE no, POSTGRES_PASSWORD: ‹b16›
docker build --build-arg NPM_TOKEN=npm_‹b36› .
docker run -e API_KEY=‹b32› img
kubectl -n x create secret docker-registry r --docker-password=‹b24›
kubeconfig: client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo‹b80›
    token: eyJhbGciOiJSUzI1NiIs‹b20›.‹b60›.‹b86›
argocd login x --username admin --password ‹b16›
argocd initial admin secret: ‹b16›
consul: X-Consul-Token: ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
nomad: NOMAD_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
boundary at_‹b10›_s1‹b60›
tfe: TF_TOKEN_app_terraform_io=‹b14›.atlasv1.‹b67›
spacelift eyJ‹b33›.eyJ‹b40›.‹b43›
zerotier token: ‹b32›
wireguard PrivateKey=‹b42›A= in wg0.conf
headscale hskey-auth-‹b20›-‹b40›
pihole WEBPASSWORD: ‹b12›
define('DB_PASSWORD', '‹b16›');
define('AUTH_KEY', '‹b64›');
$cfg['blowfish_secret'] = '‹b32›';
Rails.application.credentials: secret_key_base: ‹h128›
SESSION_SECRET=‹b40›
NEXTAUTH_SECRET=‹b43›=
app.secret_key = b'‹b24›'
JWT_KEY: ‹b43›
hmac key = "‹h64›"
encryption_key: ‹b43›=
fernet: ‹b43›= as FERNET_KEY
FERNET_KEY=‹b43›=
laravel passport secret ‹b40›
clerk sk_test_‹b40›
workos sk_live_‹b60›
fusionauth api key ‹b43›
keycloak client secret: ‹b32›
KEYCLOAK_ADMIN_PASSWORD=‹b14›
onelogin client_secret:‹h64›
duo skey=‹b40›
saml cert key pass: ‹b12›
convex prod:fast-fox-123|‹h100›
turso eyJ‹b33›.eyJ‹b40›.‹b43› db token
upstash https://x.upstash.io token AX‹b60›==
UPSTASH_REDIS_REST_TOKEN=AX‹b60›==
xata xau_‹b36›
couchbase password=‹b14›
snowflake PAT token=‹b120›
dbt cloud dbtc_‹b40›
fivetran secret: ‹b32›
retool retool_‹l26›
knock sk_‹b43›
novu ApiKey ‹h32›
liveblocks sk_prod_‹b64›
statsig secret-‹b43›
split.io sdk key ‹l36›
configcat configcat-sdk-1/‹b22›/‹b22›
flagsmith ser.‹b22›
gitbook gb_api_‹b40›
storyblok token=‹b22›tt
ghost admin key ‹h24›:‹h64›
webflow token ‹h64›
framer fr_‹b40›
CLOUDINARY_API_SECRET=‹b27›
imgur client secret ‹h40›
uploadthing sk_live_‹h64›
bunny AccessKey: ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›
AccessKey: ‹h8›-‹h4›-‹h4›-‹h12›-‹h4›-‹h4›
transloadit auth secret ‹h40›
"""

_PERSONAL = r"""
ping «jane.doe@acme.io» about it
Author: Jane Doe <«jane@janedoe.dev»>
Co-authored-by: Bob <«bob+git@users.acme.co.uk»>
Signed-off-by: 李雷 <«lilei@corp.cn»>
cc «a.b-c_d@sub.domain.example.museum»
mailto:«help.me@acme.org»?subject=x
"email": "«user1234@gmail.com»"
写信给«zhang.san@qq.com»。
schreib an «müller@bücher.de» bitte
contacto: «josé.garcía@correo.es»;
(«x@y.co»)
user=«foo@bar.io»&next=/
git config user.email «dev@home.net»
Error: no such user «o'brien@acme.ie»
assigned to «first_last@acme.travel», due Monday
«bob@xn--bcher-kva.example»
«почта@пример.рф»
emails: «a@b.dev»,«c@d.dev»;«e@f.dev»
jane at acme dot io → «jane at acme dot io»
reach me: «jane(at)acme(dot)io»
«jane [at] acme [dot] io»
contact «support@acme.io».
send to:«ops@acme.io»!
/Users/«janedoe»/work/app/src/index.ts
/home/«jdoe»/.ssh/config
cd /home/«jane.doe»/projects && ls
open file:///Users/«jane»/Desktop/x.png
C:\Users\«Jane Doe»\AppData\Local\Temp
C:\\Users\\«jdoe»\\repo\\a.cs
"C:/Users/«jdoe»/repo"
/c/Users/«jdoe»/repo
/mnt/c/Users/«jdoe»/repo
\\wsl.localhost\Ubuntu\home\«jdoe»\x
D:\Documents and Settings\«jdoe»\My Documents
/var/home/«jdoe»/x
/usr/home/«jdoe»/x
/export/home/«jdoe»
/Users/«jane.doe»/Library/Application Support/Code
vscode-remote://ssh-remote+box/home/«jdoe»/x
error in /home/«jdoe»/.local/lib/python3.11/site-packages/x.py:12
PATH=/home/«jdoe»/.cargo/bin:/usr/bin
ENOENT: no such file '/Users/«jane-d»/x'
/home/«用户»/项目
/Users/«josé»/código
HOME=/home/«jdoe»
-I/Users/«jdoe»/include
"cwd":"/Users/«jdoe»/app"
at Object.<anonymous> (/Users/«jdoe»/app/a.js:1:2)
//home/«jdoe»/x
/Volumes/Macintosh HD/Users/«jdoe»/x
/system/volumes/data/Users/«jdoe»/x
.claude/projects/-home-«jdoe»-app/x
USERPROFILE=C:\Users\«jdoe»
/nfs/home/«jdoe»/data
connect to «10.0.12.7»:5432
ssh «192.168.1.42»
host «172.16.254.3» is down
server at «172.31.0.9»/api
http://«10.1.2.3»:8080/health
169.254: «169.254.10.20»
tailscale ip «100.101.102.103»
carrier «100.64.0.1»
nameserver «10.255.255.254»
«fe80::1ff:fe23:4567:890a»
ping6 «fe80::1%eth0»
[«fd12:3456:789a:1::1»]:8080
«fc00::42» is ours
http://[«fd00:abcd::10»]/
inet «192.168.0.5» netmask 255.255.255.0
::ffff:«192.168.1.1»
«fd7a:115c:a1e0::1»
10.0.0.5→«10.0.0.5» fails
ip-«10-0-12-7».ec2.internal → «ip-10-0-12-7.ec2.internal»
http://«jenkins.corp»:8080
https://«gitlab.internal»/x
«db01.prod.internal»
«wiki.acme.lan» is slow
«nas.local»
http://«printer.home.arpa»
«api.default.svc.cluster.local»:80
«build-3.intra.acme.net»
«vault.service.consul»
«dc1.ad.local»
«web.acme.intranet»
ssh «jane-macbook.local»
«db.acme.corp»:5432
«host.private»
«router.localdomain» not found
«redis-0.redis.prod.svc»
«x.internal.acme.com»
«abandon ability able about above absent absorb abstract absurd abuse access accident»
seed: «legal winner thank year wave sausage worth useful legal winner thank yellow»
my phrase is «letter advice cage absurd amount doctor acoustic avoid letter advice cage above» ok?
MNEMONIC="«test walk nut penalty hip pave soap entry language right filter choice»"
email me: «kim.lee@acme.io»
From: Kim Lee <«kim@lee.dev»>
Reported-by: «k.l+bug@sub.acme.co.jp»
author=«kim_lee99@outlook.com»
«kim@acme.io»,«lee@acme.io»
user «kim@acme.travel» not found
"owner":"«kim@acme.io»"
联系«kim@163.com»吧
пиши на «ivan@yandex.ru»
mail an «jörg@straße.de»
«kim-lee@acme-corp.io»?
<a href="mailto:«kim@acme.io»">
smtp: RCPT TO:<«kim@acme.io»>
invited «kim@acme.io» as admin
To: «kim@acme.io»; Cc: «lee@acme.io»
«KIM.LEE@ACME.COM»
git log --author=«kim@acme.io»
«kim(at)acme.io»
«kim [at] acme [dot] io»
«kim at acme dot com»
{«kim@acme.io»}
fail: «1234567@qq.com»
«a@b.co» is short
/Users/«kimlee»/dev/x
/home/«kim»
/home/«kim_lee»/.bashrc
"/Users/«kim.lee»/My Project/a b.txt"
cd ~/x; ls /home/«kim»/y
C:\Users\«kim»\Desktop\a.txt
c:\users\«kimlee»\x
C:/Users/«Kim Lee»/x
"C:\\Users\\«kim»\\AppData\\Roaming\\npm"
/mnt/c/Users/«kim»/dev
/cygdrive/c/Users/«kim»/x
\\wsl$\Ubuntu\home\«kim»\x
file:///C:/Users/«kim»/x.html
file:///home/«kim»/x.html
vscode://file/Users/«kim»/x.ts
Error in /Users/«kim»/x.ts:1:2
(/home/«kim»/app.js:3:4)
--config=/home/«kim»/c.yml
-L/home/«kim»/lib
"path": "/home/«kim»/x"
$ ls /home/«kim»
HOME=/Users/«kim» SHELL=/bin/zsh
PWD=/home/«kim»/x
/home/«kim»/.cargo/registry/src/x.rs
/home/«김철수»/x
/Users/«岡田»/x
/private/var/home/«kim»/x
/Volumes/Data/Users/«kim»/x
/usr/home/«kim»/x
mounted at /media/disk/home/«kim»
.claude/projects/-Users-«kim»-dev/x
/home/«kim»: permission denied
`/home/«kim»`
'/Users/«kim»'
/home/«kim»;/home/«lee»
host «10.20.30.40» refused
«192.168.0.1»
«192.168.178.22»:8123
http://«10.0.0.5»/
«172.20.0.3» web_1
ssh root@«10.8.0.1»
«169.254.169.254»/latest/meta-data
«100.100.100.100»
addr=«10.11.12.13»,port=1
(«192.168.1.5»)
inet6 «fe80::a00:27ff:fe4e:66a1»
«fe80::1%en0»
[«fd00::1»]:443
«fdaa:bbcc:ddee:1::5»
«fc00:1234::9» down
bind «172.18.0.2»:80
from «10.0.3.15» to «10.0.3.16»
«10.0.0.1»,«10.0.0.2»
ip «192.168.10.20»/24
«ci-7.corp»
http://«grafana.internal»/d/1
«db.staging.internal»:5432
«pve1.lan»
«nas.home.arpa»
«mac-mini.local»
«redis.default.svc.cluster.local»
ssh «build1.corp»
«git.acme.internal»
https://«wiki.intranet»/x
«ldap.ad.corp»
«x.y.z.internal»
«ip-172-31-5-6.eu-west-1.compute.internal»
«api.prod.svc»
«printer.localdomain»
«kafka-0.kafka.lan»:9092
«zebra»,«youth»,«wrist»,«wool»,«wolf»,«wisdom»,«winter»,«window»,«wild»,«whip»,«wheat»,«wheel»
phrase: «army van defense carry jealous true garbage claim echo media make crunch»
SEED_PHRASE="«army van defense carry jealous true garbage claim echo media make crunch»"
«ARMY VAN DEFENSE CARRY JEALOUS TRUE GARBAGE CLAIM ECHO MEDIA MAKE CRUNCH»
«army»|«van»|«defense»|«carry»|«jealous»|«true»|«garbage»|«claim»|«echo»|«media»|«make»|«crunch»
ask «maria.lopez»@acme-corp.com about it
mail «j.doe+ci@sub.example.co.uk», she knows
<«hannah@posteo.de»> wrote the patch
Author: Kim Lee <«kim.lee@naver.com»>
Signed-off-by: Ola Nordmann <«ola@nordmann.no»>
Co-authored-by: bob <«12345+bob@users.noreply.github.com»>
mailto:«support-eu@tenant.io»?subject=hi
请联系«zhang.wei@qq.com»谢谢
cc «a_b-c.d@x-y.org»; «e@f.io»
user "«o'brien@mail.ie»" not found
email=«test.user@gmail.com»&x=1
«josé@correo.es» reported it
«müller@straße.de» is our contact
my address is «pete_97@hotmail.com»!!
(«dev@mañana.com»)
«x@y.museum» bounced
login as «svc-build@prod.internal.acme.com»
git config user.email «anna@anna.dev»
assigned to «QA.Team@ACME.COM» today
paypal me at «lucy.liu@yahoo.com.tw»
fails in /Users/«jsmith»/dev/app/main.py
/home/«annika»/.bashrc line 3
C:/Users/«mkhan»/source/repos/x.sln
file:///Users/«tim.cook»/Desktop/a.html
file:///home/«lars»/x.txt
/mnt/c/Users/«yuki»/proj
/c/Users/«sam»/go/bin
/var/home/«fedora_me»/src
/export/home/«sunny»/x
cd /home/«ubuntu-dev» && ls
PATH=/Users/«kate»/bin:/usr/bin
"cwd": "/Users/«rahul»/code/relay"
/home/«li.wei»/项目/main.go
Error in /Users/«Renée»/a.rb
/Users/«山田»/Documents/x.md
rsync -a /home/«deploy1»/data box:
-v /home/«pi»/cfg:/cfg
%2FUsers%2F«jmiller»%2Fx
/Users/«jsmith»
ls /home/«greta»:
«192.168.1.17» is the NAS
ssh root@«10.0.3.44»
ping «172.16.254.1» fails
«172.31.9.9» too
bound to «192.168.0.1»:443
«169.254.169.254» metadata blocked
«100.64.0.1»/10 is ours
inet «fe80::1ff:fe23:4567:890a»%en0
«fd12:3456:789a:1::1» router
http://[«fd00::5»]:3000/
addr «fc00:abcd::12» prefixlen 64
«::ffff:192.168.1.9» mapped
host=«10.255.0.12»,port=1
proxy is «10.0.0.1»。
the cidr «10.42.0.0»/16
from «172.20.0.5»:51234 to db
ip: "«192.168.178.20»"
[«fe80::dead:beef:1:2»]:22 refused
(«10.8.0.2») vpn
«FD00:AAAA:BBBB::1» up
server «10.96.0.10»#53
deploy to «build-03.corp.acme.internal»
«db01.prod.local» is down
http://«grafana.corp»/d/1
ssh «nas.lan»
«jenkins.intranet» is slow
«vault.service.consul»:8200
«redis.default.svc.cluster.local»:6379
https://«wiki.acme.internal»/x
«ip-10-0-12-7.eu-west-1.compute.internal» rebooted
«printer.home.arpa» online
«git.acme.lan»:2222
curl «payments.internal»/health
«bastion.prod.corp» then sudo
«hq-dc01.ad.acme.local»
mount «filer.home»:/vol
seed: «abandon ability able about above absent absorb abstract absurd abuse access accident»
my wallet: «legal winner thank year wave sausage worth useful legal winner thank yellow»
mnemonic="«letter advice cage absurd amount doctor acoustic avoid letter advice cage above»"
MNEMONIC=«zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong»
recovery phrase «ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic» keep it
words: «panda, eyebrow, bullet, gorilla, call, smoke, muffin, taste, mesh, discover, soft, ostrich»
«void come effort suffer camp survey warrior heavy shoot primary clutch crush»
const phrase = "«cat swing flag economy stadium alone churn speed unique patch report train»"
«test test test test test test test test test test test junk»
Seed phrase - «vessel ladder alter error federal sibling chat ability sun glass valve picture».
«all hour make first leader extend hole alien behind guard gospel lava»
pls invite «sofia.k@proton.me» to the repo
reach «r&d@acme-labs.de»
committer «build@ip-10-0-0-4.ec2.internal»
«first_last@student.uni-köln.de»
"from": "«Ann.O@x.io»"
'to' => '«ops+pager@acme.cloud»'
邮箱:«wang_lei@163.com»。
メールは«tanaka@example.jp»です
«anna@sub.sub2.corp.example»,«bob@corp.example»
git blame says («ivan@yandex.ru» 2024
open /Users/«maya-r»/Library/Logs/x.log
rm -rf /home/«k8s_admin»/.kube
"/home/«dev01»/.cache/pip"
at /Users/«b.smith»/x.ts:3:4
file:///C:/Users/«Ana»/x.html
vscode-remote://ssh-remote+box/home/«nils»/x
scp box:/home/«tomas»/a .
/root and /home/«vagrantme»/x
HOME=/Users/«chris»
--config=/home/«chris»/c.yml
`/Users/«noor»/x`
/Users/«noor»/My Documents/x
wsl: /mnt/d/Users/«noor»/x
/System/Volumes/Data/Users/«noor»/x
(/home/«o_connor»)
host 192.168.0.1 no: «192.168.44.3»
dial tcp «10.244.1.7»:6443: connect refused
ws://«192.168.7.7»:9229/abc
"bind": "«172.18.0.2»"
nameserver «10.0.2.3»
allow «192.168.5.0/24» in ufw
«10.11.12.13» -> «10.11.12.14»
X-Forwarded-For: «10.9.8.7», 8.8.8.8
gw=«192.168.1.254»;
IPv6 «fd7a:115c:a1e0::1» (tailscale)
inet6 «fe80::42:acff:fe11:2»/64
http://[«fe80::1%eth0»]:8080
«fdab::cafe» pings
100.100.100.100 magic: «100.100.100.101»
link local «169.254.1.5»
ssh «pi.local»
https://«gitlab.lan»/x
«mongo-0.mongo.prod.svc.cluster.local»
«es.query.consul»
kafka at «broker1.int.acme.internal»:9092
«EC2AMAZ-AB12.ad.corp» joined
smb://«nas.local»/x
jdbc:mysql://«db.prod.internal»/x
«ip-172-31-4-9.us-west-2.compute.internal»
«api.intranet.acme.com» down
«gw.corp.acme.com»
«unfair spoon slow stumble fossil ocean zebra lend duck oak mouse rival»
phrase=«army van defense carry jealous true garbage claim echo media make crunch»
aside: «kit sad ocean crisp mom pond jaguar eager sibling wolf inch trial»
secret words: «mass tomorrow gift ramp soup bulb pulse upgrade purse pipe wasp thank jump obey yard»
«kidney»,«lazy»,«stool»,«cement»,«april»,«chef»,«vapor»,«fatal»,«zone»,«badge»,«pool»,«gain»
"""


def _texts(block: str) -> tuple[str, ...]:
    return tuple(line.replace("⏎", "\n") for line in block.strip("\n").split("\n"))


SECRETS = _texts(_SECRETS)
PERSONAL = _texts(_PERSONAL)
