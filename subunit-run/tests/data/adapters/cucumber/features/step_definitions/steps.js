const assert = require('assert');
const { Given, Then } = require('@cucumber/cucumber');

Given('{int} thing', (number) => assert.equal(number, 1));
Given('it is skipped', () => 'skipped');
Given('it is pending', () => 'pending');
Given('the process ends', () => process.exit(0));
Then('it fails', () => assert.fail('so'));
