/**
 * The policies of docs/checks.md about clients and senders, as they stand there, over SMTP: what each
 * refuses, what it lets pass, and that trouble of DNS is never a refusal for good.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeMmdb } from '../helpers/mmdb.js';
import { pagePolicies } from '../helpers/page-policies.js';
import {
  greeted,
  greeting,
  mailFrom,
  type PageServer,
  runPagePolicy,
  type Zone,
} from '../helpers/page-server.js';
import { ROOT, tempProject } from '../helpers/temp-project.js';

const PAGE = 'docs/checks.md';

const run = (name: string, zone?: Zone, settings?: object): Promise<PageServer> =>
  runPagePolicy(PAGE, name, zone, settings);

const LISTED: Zone = {
  '1.0.0.127.own.example.org A': ['127.0.0.10', '127.0.0.12'],
  '1.0.0.127.own.example.org TXT': '100% spam, %authUser% says',
  '1.0.0.127.other.example.org A': '127.0.0.2',
};

it('every policy of the page is run by a test', () => {
  const names = [...pagePolicies(PAGE).keys()];
  const tests = ['t-18-greylist-and-rates', 't-21-checking-who-sends', 't-22-checking-messages'];
  const text = tests.map((test) => readFileSync(join(ROOT, 'test/e2e', `${test}.test.ts`), 'utf8')).join('');
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) {
    expect(text.includes(`run('${name}'`) || text.includes(`policy('${name}')`), name).toBe(true);
  }
});

describe('block lists', () => {
  it('are asked at once, the first listing in their order decides, and texts of others stay texts', async () => {
    expect(await greeting(await run('lists', LISTED))).toMatch(
      /^554 5\.7\.1 127\.0\.0\.1 is on own\.example\.org: 100% spam, %authUser% says \(ref/,
    );
    const second = { '1.0.0.127.other.example.org A': '127.0.0.2' };
    expect(await greeting(await run('lists', second))).toMatch(/^554 .* is on other\.example\.org/);
    expect(await greeting(await run('lists'))).toMatch(/^220 /);
  });

  it('that do not answer refuse nobody', async () => {
    const running = await run('lists', LISTED);
    running.trouble('example.org');
    expect(await greeting(running)).toMatch(/^220 /);
    running.trouble('own.example.org');
    expect(await greeting(running)).toMatch(/^554 .* is on other\.example\.org/);
  });

  it('are read by their codes, and not for users', async () => {
    const running = await run('households', LISTED);
    expect(await mailFrom(running)).toMatch(/^550 5\.7\.1 127\.0\.0\.1 is no mail server/);
    expect(await mailFrom(running, { user: true })).toMatch(/^250 /);
    const other = { '1.0.0.127.own.example.org A': '127.0.0.2' };
    expect(await mailFrom(await run('households', other))).toMatch(/^250 /);
  });

  it('are weighed', async () => {
    const running = await run('weights', LISTED);
    expect(await mailFrom(running)).toMatch(
      /^550 5\.7\.1 127\.0\.0\.1 is on own\.example\.org, other\.example\.org/,
    );
    const light = { '1.0.0.127.other.example.org A': '127.0.0.2' };
    expect(await mailFrom(await run('weights', light))).toMatch(/^250 /);
    running.trouble('own.example.org');
    expect(await mailFrom(running)).toMatch(/^250 /);
  });
});

describe('SPF', () => {
  const ZONE: Zone = {
    'far.example TXT': 'v=spf1 -all',
    'good.example TXT': 'v=spf1 ip4:127.0.0.0/8 -all',
    'wrong.example TXT': 'v=spf1 nonsense',
  };

  it('refuses a Fail of sender or EHLO name, and neither users nor forwarders', async () => {
    const running = await run('spf', ZONE);
    expect(await mailFrom(running)).toMatch(/^550 5\.7\.23 SPF validation failed: /);
    expect(await mailFrom(running, { user: true })).toMatch(/^250 /);
    expect(await mailFrom(running, { localAddress: '127.0.0.7' })).toMatch(/^250 /);
    expect(await mailFrom(running, { from: 'a@good.example' })).toMatch(/^250 /);
    expect(await mailFrom(running, { from: 'a@good.example', hello: 'far.example' })).toMatch(
      /^550 5\.7\.23/,
    );
    expect(await mailFrom(running, { hello: 'far.example', user: true })).toMatch(/^250 /);
    expect(await mailFrom(running, { from: 'a@wrong.example' })).toMatch(/^250 /);
  });

  it('asks to come again where DNS is in trouble', async () => {
    const running = await run('spf', ZONE);
    running.trouble('far.example');
    expect(await mailFrom(running)).toMatch(/^451 4\.7\.24 SPF cannot be checked now: DNS trouble/);
  });
});

describe('names', () => {
  const ZONE: Zone = {
    'good.example MX': 'mx.good.example',
    'mx.good.example A': '192.0.2.1',
    '1.0.0.127.in-addr.arpa PTR': 'c.good.example',
    'c.good.example A': '127.0.0.1',
  };

  async function recipientsTaken(running: PageServer): Promise<number> {
    const peer = await greeted(running);
    expect((await peer.say('MAIL FROM:<a@good.example>')).code).toBe(250);
    let taken = 0;
    for (let n = 0; n < 8; n += 1) {
      if ((await peer.say(`RCPT TO:<r${n}@here.example>`)).code === 250) taken += 1;
    }
    return taken;
  }

  it('refuse a sender to whom no answer can go, but the null sender', async () => {
    const running = await run('names', ZONE);
    expect(await mailFrom(running, { from: 'a@nowhere.example' })).toMatch(
      /^550 5\.1\.8 No answer could reach a@nowhere\.example: nowhere\.example does not exist/,
    );
    expect(await mailFrom(running, { from: '' })).toMatch(/^250 /);
    running.trouble('nowhere.example');
    expect(await mailFrom(running, { from: 'a@nowhere.example' })).toMatch(/^250 /);
  });

  it('permit many recipients to a client with a name, or of whom nobody knows', async () => {
    const running = await run('names', ZONE);
    expect(await recipientsTaken(running)).toBe(8);
    running.trouble('in-addr.arpa');
    expect(await recipientsTaken(running)).toBe(8);
    const { '1.0.0.127.in-addr.arpa PTR': _, ...nameless } = ZONE;
    expect(await recipientsTaken(await run('names', nameless))).toBe(5);
  });
});

describe('countries and networks', () => {
  function files(country: string, asn: number): object {
    const project = tempProject();
    const [countries, networks] = [project.path('country.mmdb'), project.path('asn.mmdb')];
    writeFileSync(countries, writeMmdb({ '127.0.0.0/8': { country: { iso_code: country } } }));
    const network = { autonomous_system_number: asn, autonomous_system_organization: 'Example' };
    writeFileSync(networks, writeMmdb({ '127.0.0.0/8': network }));
    return { geoip: { country: countries, asn: networks } };
  }

  it('are refused as the policy says', async () => {
    expect(await greeting(await run('countries', {}, files('BV', 64500)))).toMatch(
      /^4\d\d .*4\.7\.1.*\(BV\)/,
    );
    expect(await greeting(await run('countries', {}, files('DE', 64500)))).toMatch(/^220 /);
    expect(await greeting(await run('countries', {}, files('DE', 64496)))).toMatch(/^554 /);
    expect(await greeting(await run('countries'))).toMatch(/^220 /);
  });
});
