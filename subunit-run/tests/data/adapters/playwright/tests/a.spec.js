const { test, expect } = require('@playwright/test');

test.describe('group', () => {
  test('passes', () => console.log('so'));
  test('fails', () => expect(1).toBe(2));
  test.skip('skipped', () => {});
  test('flaky', ({}, info) => expect(info.retry).toBe(1));
});
test('known', () => {
  test.fail();
  expect(1).toBe(2);
});
