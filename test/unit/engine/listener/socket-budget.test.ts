import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createSocketBudget } from '../../../../src/engine/listener/socket-budget.js';
import { connectPeer } from '../../../helpers/smtp-peer.js';

it('tells those beyond the budget 421 and closes, and takes others once there is room', async () => {
  const budget = createSocketBudget(2);
  const taken: Socket[] = [];
  const server = createServer((socket) => {
    if (budget.take(socket, false)) taken.push(socket.resume());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of taken) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const first = await connectPeer(port);
  await connectPeer(port);
  for (let i = 0; i < 3; i += 1) {
    const refused = await connectPeer(port);
    expect((await refused.reply()).code).toBe(421);
    await refused.ended();
  }
  expect([taken.length, budget.held]).toEqual([2, 2]);

  first.destroy();
  await once(taken[0] as Socket, 'close');
  expect(budget.held).toBe(1);
  await connectPeer(port);
  await expect.poll(() => taken.length).toBe(3);
});
