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
"""


def _texts(block: str) -> tuple[str, ...]:
    return tuple(line.replace("⏎", "\n") for line in block.strip("\n").split("\n"))


SECRETS = _texts(_SECRETS)
PERSONAL = _texts(_PERSONAL)
