import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { isCanonicalRepository } from '../../../../src/core/image/reference';
import { lookAlikeOf, namedIn, type LookAlike } from '../../../../src/core/trust/lookAlike';
import { processorMs } from '../../../testbed/processorTime';

/** Names of official images, so the names that people have in their files. */
const official =
  `adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop
bash bonita buildpack-deps busybox caddy cassandra chronograf cirros clearlinux clefos clojure composer convertigo couchbase
couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang fedora
flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell haxe hello-world hitch httpd hylang
ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend lightstreamer liquibase
logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mono mysql nats nats-streaming
neo4j neurodebian nextcloud nginx node notary odoo open-liberty openjdk oraclelinux orientdb percona perl photon php
phpmyadmin plone postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb
rocket.chat rockylinux ros ruby rust sapmachine satosa scratch silverpeas sl solr sonarqube spark spiped storm swift
swipl teamspeak telegraf tomcat tomee traefik ubuntu unit varnish vault websphere-liberty wordpress xwiki yourls znc
zookeeper`.split(/\s+/);
/** And names of every day's services and namespaces. */
const everyday =
  `app api web www core code node cli dev prod test tests tool tools auth oauth front back backend frontend
server service worker workers gateway proxy cache queue db data store stores job jobs cron base bases image images build
builder runner runtime v1 v2 v10 v11 1.0 10 2024 2025 python2 python3 node18 node20 php7 php8 debian11 debian12 team-a
team-b app1 app2 s3 ml ai io ui ux`.split(/\s+/);

const how = (text: string, ...named: readonly string[]): LookAlike['how'] | undefined => lookAlikeOf(text, named)?.how;
const of = (text: string, ...named: readonly string[]): string | undefined => lookAlikeOf(text, named)?.of;

describe('a look-alike', () => {
  const cases: readonly (readonly [text: string, named: string, how: LookAlike['how'], of: string])[] = [
    // one slip
    ['libary/nginx', 'docker.io/library/*', 'slip', 'docker.io/library/nginx'],
    ['docker.io/lirbary/nginx:1', 'docker.io/library/*', 'slip', 'docker.io/library/nginx'],
    ['ghcr.io/acmee-inc/app', 'ghcr.io/acme-inc/*', 'shapes', 'ghcr.io/acme-inc/app'],
    ['ghcr.io/acme-corps/app', 'ghcr.io/acme-corp/*', 'slip', 'ghcr.io/acme-corp/app'],
    ['ghcr.io/acmr-inc/app', 'ghcr.io/acme-inc/*', 'slip', 'ghcr.io/acme-inc/app'],
    ['ghcr.io/acme-inc/paymnts/api', 'ghcr.io/acme-inc/payments/*', 'slip', 'ghcr.io/acme-inc/payments/api'],
    ['ghcr.io/amce-inc/a/b', 'ghcr.io/acme-inc/**', 'slip', 'ghcr.io/acme-inc/a/b'],
    ['ngnix', 'docker.io/library/nginx', 'slip', 'docker.io/library/nginx'],
    ['docker.io/acme/postgress', 'docker.io/acme/postgres', 'shapes', 'docker.io/acme/postgres'],
    ['docker.io/acme/postgers', 'docker.io/*/postgres', 'slip', 'docker.io/acme/postgres'],
    // shapes
    ['ghcr.io/acme-inc/app', 'ghcr.io/acme_inc/*', 'shapes', 'ghcr.io/acme_inc/app'],
    ['ghcr.io/acme.inc/app', 'ghcr.io/acme_inc/*', 'shapes', 'ghcr.io/acme_inc/app'],
    ['ghcr.io/acrne/app', 'ghcr.io/acme/*', 'shapes', 'ghcr.io/acme/app'],
    ['ghcr.io/vvorks/app', 'ghcr.io/works/*', 'shapes', 'ghcr.io/works/app'],
    ['ghcr.io/g00gle/app', 'ghcr.io/google/*', 'shapes', 'ghcr.io/google/app'],
    ['ghcr.io/paypa1/app', 'ghcr.io/paypal/*', 'shapes', 'ghcr.io/paypal/app'],
    ['ghcr.io/paypai/app', 'ghcr.io/paypal/*', 'shapes', 'ghcr.io/paypal/app'],
    ['ghcr.io/re5t/app', 'ghcr.io/rest/*', 'shapes', 'ghcr.io/rest/app'],
    ['quay.lo/acme/app', 'quay.io/acme/*', 'shapes', 'quay.io/acme/app'],
    // hosts
    ['registry-example.com/acme/app', 'registry.example.com/acme/*', 'shapes', 'registry.example.com/acme/app'],
    ['registry.exmple.com/any/app', 'registry.example.com/**', 'slip', 'registry.example.com/any/app'],
    ['gchr.io/acme/app', 'ghcr.io/acme/*', 'slip', 'ghcr.io/acme/app'],
    ['gcr.io/acme/app', 'ghcr.io/acme/*', 'slip', 'ghcr.io/acme/app'],
    ['example.com/acme/app', 'registry.example.com/acme/*', 'host', 'registry.example.com/acme/app'],
    ['registry.example.com.evil.io/acme/app', 'registry.example.com/acme/*', 'host', 'registry.example.com/acme/app'],
    ['eu.registry.example.com/acme/app', 'registry.example.com/acme/*', 'host', 'registry.example.com/acme/app'],
    ['registry.example.net/acme/app', 'registry.example.com/acme/*', 'host', 'registry.example.com/acme/app'],
    ['registry.example.com:5000/acme/app', 'registry.example.com/acme/*', 'host', 'registry.example.com/acme/app'],
    ['localhost:5001/acme/app', 'localhost:5000/acme/*', 'host', 'localhost:5000/acme/app'],
    // a pattern that a person is about to trust
    ['docker.io/libary/*', 'docker.io/library/*', 'slip', 'docker.io/library/*'],
    ['ghcr.io/acrne/**', 'ghcr.io/acme/**', 'shapes', 'ghcr.io/acme/**'],
  ];
  for (const [text, named, manner, meant] of cases) {
    it(`of ${named} is ${text}, by ${manner}`, () => {
      assert.deepEqual(lookAlikeOf(text, [named]), { how: manner, of: meant });
    });
  }

  it('of official images needs no rule', () => {
    for (const text of [
      'libary/nginx',
      'librarry/nginx:1',
      'docker.io/lirbary/x',
      'index.docker.io/librari/x',
      'ibrary/x',
    ])
      assert.match(of(text) ?? '', /^docker\.io\/library\//, text);
  });

  it('with a slip of shape and a slip of key in it is one all the same, with two slips of key none', () => {
    assert.equal(how('quay.lo/amce-inc/app', 'quay.io/acme-inc/*'), 'slip');
    assert.equal(how('ghcr.io/amce-inc/paymnts', 'ghcr.io/acme-inc/payments'), undefined);
  });

  it('is told by its strongest resemblance, and then by the longest pattern', () => {
    const rules = ['ghcr.io/acme-inc/*', 'ghcr.io/acme_inc/tool', 'ghcr.io/acmeinc/*'];
    assert.deepEqual(lookAlikeOf('ghcr.io/acme.inc/tool', rules), { how: 'shapes', of: 'ghcr.io/acme_inc/tool' });
  });

  describe('by letters that no name has', () => {
    const named = ['registry.example.com/acme/*'];
    const imitations: Readonly<Record<string, string>> = {
      'registry.example.com/\u0430cme/app:1': 'a Cyrillic letter',
      'registry.example.com/acm\u0435/app@sha256:00': 'one before what is no digest',
      'registry.example.com/acme/\u03b1pp': 'a Greek letter',
      'registry.example.com/ac\u200bme/app': 'nothing at all',
      'registry.example.com/ac\u00adme/app': 'a soft hyphen',
      'registry.example.com/\uff41cme/app': 'a fullwidth letter',
      'registry.example.com/\ud835\udc1acme/app': 'a letter in bold',
      'registry.example.com/acmé/app': 'an accent',
      'registry\u2024example.com/acme/app': 'a leader for a dot',
      'registry.example.com\u2215acme/app': 'a division for a slash',
      'registry.ex\u0430mple.com/acme/app': 'a letter in the host',
      'registry.example.com/\u0430crne/app': 'a letter and a shape',
    };
    for (const [text, what] of Object.entries(imitations)) {
      it(`finds ${what}`, () => {
        const found = lookAlikeOf(text, named);
        assert.equal(found?.how, 'letters');
        // What is no digest makes no reference of it either.
        if (!text.includes('@')) assert.equal(found.of, 'registry.example.com/acme/app');
      });
    }

    it('says which letters, and what the text reads like where no rule names it', () => {
      assert.deepEqual(lookAlikeOf('ngin\u0445:1', []), {
        ...{ how: 'letters', codePoints: ['U+0445'], of: 'docker.io/library/nginx' },
      });
      assert.deepEqual(lookAlikeOf('lib\u0433ary/nginx', []), {
        ...{ how: 'letters', codePoints: ['U+0433'], of: 'docker.io/library/nginx' },
      });
      assert.deepEqual(lookAlikeOf('中文/应用', []), {
        ...{ how: 'letters', codePoints: ['U+4E2D', 'U+6587', 'U+5E94', 'U+7528'] },
      });
    });
  });

  describe('by Punycode', () => {
    const host = (text: string): string => domainToASCII(text);

    it('is compared by what it stands for', () => {
      const disguised = 'regi\u0455try.example.com';
      assert.deepEqual(lookAlikeOf(`${host(disguised)}/acme/app`, ['registry.example.com/acme/*']), {
        ...{ how: 'punycode', host: disguised, of: 'registry.example.com/acme/app' },
      });
      const accented = 'régistry.example.com';
      assert.equal(of(`${host(accented)}/any/app`, 'registry.example.com/**'), 'registry.example.com/any/app');
    });

    it('that reads as ASCII needs no rule', () => {
      const disguised = '\u0430\u0440\u0440\u04cf\u0435.com';
      assert.deepEqual(lookAlikeOf(`${host(disguised)}/a/b`, []), {
        how: 'punycode',
        host: disguised,
        of: 'apple.com/a/b',
      });
    });

    it('of another language is what it is', () => {
      for (const name of ['bücher.example', '例子.测试', 'почта.рф'])
        assert.equal(lookAlikeOf(`${host(name)}/a/b`, ['registry.example.com/**']), undefined);
      assert.equal(lookAlikeOf('xn--99999999.example.com/a/b', []), undefined);
    });
  });

  describe('is not', () => {
    const innocent: readonly (readonly [text: string, named: string])[] = [
      ['docker.io/other/nginx', 'docker.io/library/*'],
      ['docker.io/other/nginx', 'docker.io/acme/nginx'],
      ['registry.example.com/mallory/app', 'registry.example.com/acme/app'],
      ['libary', 'docker.io/library/nginx'],
      ['ghcr.io/libary/nginx', 'docker.io/library/*'],
      ['libary/a/b', 'docker.io/library/*'],
      ['liberty/x', 'docker.io/library/*'],
      ['ghcr.io/acme/api', 'ghcr.io/acme/app'],
      ['docker.io/library/code', 'docker.io/library/node'],
      ['ghcr.io/acme/python3', 'ghcr.io/acme/python2'],
      ['ghcr.io/acme/release-1.1', 'ghcr.io/acme/release-1.2'],
      ['ghcr.io/v1/app', 'ghcr.io/v11/app'],
      ['gcr.io/any/app', 'ghcr.io/**'],
      ['10.0.0.6:5000/acme/app', '10.0.0.5:5000/acme/*'],
      ['localhost:5001/any', 'localhost:5000/*'],
      ['mirror.example.com/docker.io/library/nginx', 'docker.io/library/*'],
      ['other.example.com/acme/app', 'registry.example.com/acme/*'],
      ['registry.example.com/acme', 'registry.example.com/acme/*'],
      ['Not A Name', 'docker.io/library/*'],
      ['', 'docker.io/library/*'],
    ];
    for (const [text, named] of innocent) {
      it(`${text} beside ${named}`, () => {
        assert.equal(lookAlikeOf(text, [named]), undefined);
      });
    }

    it('what another rule covers', () => {
      assert.equal(how('ghcr.io/acme_inc/app', 'ghcr.io/acme-inc/*'), 'shapes');
      assert.equal(how('ghcr.io/acme_inc/app', 'ghcr.io/acme-inc/*', 'ghcr.io/acme_inc/*'), undefined);
      assert.equal(how('libary/nginx', 'docker.io/libary/nginx'), undefined);
      assert.equal(how('docker.io/libary/*', 'docker.io/libary/**'), undefined);
    });

    it('one common name beside another', () => {
      const alarms: string[] = [];
      for (const [names, base] of [
        [official, 'docker.io/library'],
        [[...official, ...everyday], 'registry.example.com/acme'],
        [[...official, ...everyday], 'registry.example.com'],
      ] as const)
        for (const name of names)
          for (const asked of names)
            if (how(`${base}/${asked}`, `${base}/${name}`)) alarms.push(`${asked} for ${name}`);
      assert.deepEqual(new Set(alarms), new Set());
    });
  });

  describe('at random', () => {
    const segment = fc.stringMatching(/^[a-z0-9]{1,8}([-_.][a-z0-9]{1,4})?$/);
    const near = (text: string): fc.Arbitrary<string> =>
      fc
        .tuple(
          fc.nat(text.length),
          fc.nat(2),
          fc.constantFrom('a', 'm', 'r', 'n', '0', '1', 'l', 'i', '5', 'o', 's', 'v', '-'),
        )
        .map(([at, cut, letter]) => {
          return text.slice(0, at) + letter + text.slice(at + cut);
        });
    const name = fc
      .tuple(fc.constantFrom('docker.io', 'ghcr.io', 'registry.example.com', 'example.com:5000'), segment, segment)
      .map((segments) => segments.join('/'));
    const pair = name.chain((one) => fc.tuple(fc.constant(one), fc.oneof(near(one), name)));

    it('is as alike one way as the other', () => {
      fc.assert(
        fc.property(pair, ([one, other]) => {
          fc.pre([one, other].every(isCanonicalRepository) && !`${one}${other}`.includes('docker.io'));
          assert.equal(how(one, other), how(other, one));
        }),
      );
    });

    it('is never what a rule covers', () => {
      const covered = name.chain((one) =>
        fc.tuple(fc.constant(one), fc.array(near(one)), fc.constantFrom(one, one.replace(/[^/]+$/, '*'))),
      );
      fc.assert(
        fc.property(covered, ([one, others, pattern]) => {
          assert.equal(how(one, ...others, pattern), undefined);
        }),
      );
    });

    it('is told of any text, and of long ones as fast as they are long', async () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void lookAlikeOf(text, ['a.b/**'])),
      );
      const named = Array.from({ length: 50 }, (_, i) => `registry.example.com/acme-${i}/**`);
      for (const text of [
        'a',
        'rn',
        'v',
        '-',
        '/',
        '.',
        'a/',
        'a.',
        '\u0430',
        '\u200b',
        'e\u0301',
        'xn--',
        '*/',
        ':',
        '@',
      ]) {
        const took = await processorMs(() => {
          lookAlikeOf(text.repeat(4_096), named);
          lookAlikeOf(`registry.example.com/${text.repeat(240)}`, named);
        });
        assert.ok(took < 2_000, text);
      }
    });
  });
});

it('rules name each pattern once', () => {
  const rule = { repositories: 'a.b/*' } as const;
  const rules = [
    { ledger: '1:0x:0x' as never, publishers: [], threshold: 1, accept: 'publish', level: 'warn', ...rule },
  ] as const;
  assert.deepEqual(
    namedIn([
      { origin: 'user', rules },
      { origin: 'policy', rules },
    ]),
    ['a.b/*'],
  );
});
