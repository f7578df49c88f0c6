const assert = require('assert');
describe('group', () => {
  it('passes', () => {});
  it('fails', () => assert.strictEqual(1, 2));
  it.skip('skipped', () => {});
  it('slow', (done) => setTimeout(done, 60));
});
describe('hook', () => {
  before(() => { throw new Error('no database'); });
  it('first', () => {});
  it('second', () => {});
});
