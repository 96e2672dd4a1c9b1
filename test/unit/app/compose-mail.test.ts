import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../src/app/load-config.js';
import { startPostern } from '../../../src/app/postern.js';
import { silentLogger } from '../../../src/core/log.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function healthWith(minFreeSpace: string): Promise<readonly [number, string]> {
  const settings = {
    listeners: [{ port: 0 }],
    metrics: { port: 0 },
    dataDir: tempFolder(),
    policies: [],
    queue: { minFreeSpace },
  };
  const { config } = loadConfig({ file: null, machine: 'mx', settings });
  const postern = await startPostern({ config, log: silentLogger });
  onTestFinished(() => postern.stop());
  const response = await fetch(`http://127.0.0.1:${postern.monitoring?.port}/healthz`);
  return [response.status, await response.text()];
}

describe('/healthz of a running Postern', () => {
  it('is ok while new mail can be stored, and says why when it cannot', async () => {
    expect(await healthWith('1MB')).toEqual([200, 'ok\n']);
    expect(await healthWith('100TB')).toEqual([
      503,
      expect.stringMatching(/^the queue has no room: .* queue\.minFreeSpace is 100TB/),
    ]);
  });
});
