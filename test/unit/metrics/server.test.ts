import { describe, expect, it, onTestFinished } from 'vitest';
import { createFactBus } from '../../../src/core/facts.js';
import { silentLogger } from '../../../src/core/log.js';
import { createMetrics } from '../../../src/metrics/registry.js';
import { type MetricsOptions, startMetricsServer } from '../../../src/metrics/server.js';

async function started(options: Partial<MetricsOptions> = {}) {
  const registry = createMetrics(createFactBus(() => undefined));
  const server = await startMetricsServer(
    registry,
    { host: '127.0.0.1', port: 0, health: async () => ({ ok: true, text: 'ok' }), ...options },
    silentLogger,
  );
  onTestFinished(() => server.close());
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return { server, ask };
}

describe('the monitoring port', () => {
  it('gives the counters in the text that Prometheus reads', async () => {
    const { ask } = await started();
    const response = await ask('/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('postern_sessions_open 0');
  });

  it('says whether all is well, and asks anew each time', async () => {
    let health = { ok: true, text: 'ok' };
    const { ask } = await started({ health: async () => health });
    const first = await ask('/healthz');
    expect([first.status, await first.text()]).toEqual([200, 'ok\n']);
    health = { ok: false, text: 'the queue is full' };
    const second = await ask('/healthz');
    expect([second.status, await second.text()]).toEqual([503, 'the queue is full\n']);
  });

  it.each([
    ['/', {}],
    ['/metrics/', {}],
    ['/metrics?x=1', {}],
    ['/metrics', { method: 'POST', body: 'x'.repeat(100_000) }],
    ['/healthz', { method: 'DELETE' }],
  ])('does not know %s %j', async (path, init) => {
    const { ask } = await started();
    const response = await ask(path, init);
    expect([response.status, await response.text()]).toEqual([404, 'not found; try /metrics or /healthz\n']);
  });

  it('answers HEAD without a body', async () => {
    const { ask } = await started();
    const response = await ask('/healthz', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('refuses to start where the address is taken', async () => {
    const { server } = await started();
    await expect(started({ port: server.port })).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      detail: { address: `127.0.0.1:${server.port}` },
    });
  });

  it('closes at once, open connections or not', async () => {
    const { server, ask } = await started();
    await (await ask('/healthz')).text();
    await server.close();
    await expect(ask('/healthz')).rejects.toThrow();
  });
});
