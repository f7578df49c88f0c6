const { describe, it, test } = require('node:test');
const assert = require('node:assert');
describe('group', () => {
  it('passes', () => {});
  it('fails', () => assert.strictEqual(1, 2));
  it.skip('skipped', () => {});
});
test('todo', { todo: 'later' }, () => {});
test('parent', async (t) => { await t.test('child', () => {}); });
