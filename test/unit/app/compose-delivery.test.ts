import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeDelivery, configuredRoutes } from '../../../src/app/compose-delivery.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { systemClock } from '../../../src/core/clock.js';
import type { RecipientResult } from '../../../src/delivery/transport.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { startNextHop } from '../../helpers/next-hop-peer.js';
import { sampleEntry } from '../../helpers/queue-samples.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { ROOT } from '../../helpers/temp-project.js';

function configOf(settings: ConfigInput) {
  return loadConfig({ file: null, machine: 'mx', settings: { policies: [], ...settings } }).config;
}

describe('composeDelivery', () => {
  it('asks the Maildirs alone when there is no route', () => {
    expect(composeDelivery(configOf({}), systemClock).transport.name).toBe('maildir');
  });

  it('takes two routes to one place over one connection, and leaves it in the end', async () => {
    const peer = await startNextHop({ protocol: 'lmtp' });
    const config = configOf({
      delivery: {
        maildir: tempFolder(),
        routes: [
          { domains: ['example.com'], to: peer.url },
          { domains: ['example.org'], to: peer.url },
          { domains: ['example.test'], to: 'maildir' },
        ],
      },
    });
    const delivery = composeDelivery(config, systemClock);
    const results: RecipientResult[] = [];
    for (const domain of ['example.com', 'example.org', 'example.test', 'example.net']) {
      const entry = sampleEntry(1, { recipients: [newRecipient('u', domain)] });
      const { signal } = new AbortController();
      await delivery.transport.deliver(entry, entry.recipients, signal, (result) => results.push(result));
    }
    expect(results.map((result) => 'transport' in result && result.transport)).toEqual([
      peer.url,
      peer.url,
      'maildir',
      'maildir',
    ]);
    await delivery.close();
    expect(peer.connections()).toBe(1);
    expect(peer.commands().at(-1)).toBe('QUIT');
  });

  it('keeps the postmaster of the host here, whatever a wildcard for other domains says', async () => {
    const wayOf = async (hostname: string, localDomains: string[]): Promise<unknown[]> => {
      const peer = await startNextHop({ protocol: 'lmtp' });
      const delivery = composeDelivery(
        configOf({
          hostname,
          localDomains,
          delivery: { maildir: tempFolder(), routes: [{ domains: ['*'], to: peer.url }] },
        }),
        systemClock,
      );
      const entry = sampleEntry(1, { recipients: [newRecipient('postmaster', hostname)] });
      const results: RecipientResult[] = [];
      const { signal } = new AbortController();
      await delivery.transport.deliver(entry, entry.recipients, signal, (result) => results.push(result));
      await delivery.close();
      return results.map((result) => ('transport' in result ? result.transport?.split(':')[0] : result));
    };
    expect(await wayOf('mx.example.com', ['example.com'])).toEqual(['maildir']);
    expect(await wayOf('mx.example.com', ['example.com', 'mx.example.com'])).toEqual(['lmtp']);
    expect(await wayOf('mx.example.com', ['*'])).toEqual(['lmtp']);
  });

  it('docs/operations/delivery.md shows a configuration that works', () => {
    const page = readFileSync(join(ROOT, 'docs', 'operations', 'delivery.md'), 'utf8');
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const routes = configuredRoutes(configOf(parse(text) as ConfigInput));
    expect(routes.map(({ hop, tls }) => `${hop?.url} ${tls}`)).toEqual([
      'lmtp:///run/dovecot/lmtp opportunistic',
      'smtp://lists.internal:25 required',
      'lmtp://127.0.0.1:24 opportunistic',
    ]);
  });
});
