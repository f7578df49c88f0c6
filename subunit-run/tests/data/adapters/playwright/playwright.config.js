module.exports = {
  testDir: 'tests',
  workers: 2,
  reporter: [['list'], ['json', { outputFile: 'report.json' }]],
  projects: [
    { name: 'one', retries: 1 },
    { name: 'two', testMatch: 'b.spec.js' },
  ],
};
