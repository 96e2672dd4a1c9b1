import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/app/load-config.js';
import { openResolver } from '../../../src/app/open-resolver.js';
import { systemClock } from '../../../src/core/clock.js';
import { type DnsServerDouble, startDnsServer } from '../../helpers/dns-server.js';

let server: DnsServerDouble | undefined;
afterEach(async () => {
  await server?.stop();
});

async function askedTwice(cacheEntries: number): Promise<number> {
  server = await startDnsServer((asked) => ({
    answers: [{ type: 'A', name: asked.name, ttl: 300, data: '192.0.2.1' }],
  }));
  const { config } = loadConfig({
    file: null,
    settings: { dns: { servers: [server.address], cacheEntries } },
  });
  const resolver = openResolver(config, systemClock);
  try {
    expect(await resolver.resolve('a.example', 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.1'],
    });
    await resolver.resolve('a.example', 'A');
    return server.asked.length;
  } finally {
    resolver.close();
  }
}

describe('openResolver', () => {
  it('asks the configured server and remembers', async () => {
    expect(await askedTwice(100)).toBe(1);
  });

  it('remembers nothing when told so', async () => {
    expect(await askedTwice(0)).toBe(2);
  });
});
