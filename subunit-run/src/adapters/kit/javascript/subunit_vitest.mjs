// A reporter of vitest: --reporter=FILE, beside the others.
import { createRequire } from 'node:module';

const results = createRequire(import.meta.url)('./subunit_results.cjs');

const RUN = '(vitest)';
const STATUS = { pass: 'success', fail: 'fail', skip: 'skip', todo: 'skip', passed: 'success', failed: 'fail', skipped: 'skip' };

function told(file, titles, mode, state, took, errors) {
  const id = [file, ...titles].join(' > ');
  // What has no state never ran.
  const status = mode === 'skip' || mode === 'todo' ? 'skip' : STATUS[state] || 'fail';
  const why = (errors || []).map(results.described).join('\n');
  results.ended(id, status, {
    why: status === 'fail' && !why ? 'it has no result' : why, name: 'traceback', took, begun: false,
  });
}

function walk(file, titles, task) {
  if (task.type === 'suite') {
    for (const error of task.result?.errors || []) {
      results.ended([file, ...titles, task.name].join(' > '), 'fail', {
        why: results.described(error), name: 'traceback', runnable: false,
      });
    }
    task.tasks.forEach((one) => walk(file, [...titles, task.name], one));
    return;
  }
  told(file, [...titles, task.name], task.mode, task.result?.state, task.result?.duration, task.result?.errors);
}

// Errors of a file, and of none.
function beside(id, errors) {
  for (const error of errors || []) {
    results.ended(id, 'fail', { why: results.described(error), name: 'traceback', runnable: false });
  }
}

export default class Reporter {
  onInit() {
    results.say({ test_id: RUN, status: 'inprogress', runnable: false });
  }

  // Versions 1 to 3.
  onFinished(files = [], errors = []) {
    if (this.isTold) return;
    this.isTold = true;
    for (const file of files) {
      const name = results.local(file.filepath);
      beside(name, file.result?.errors);
      file.tasks.forEach((task) => walk(name, [], task));
    }
    this.end(errors);
  }

  // From version 3 on.
  onTestRunEnd(modules, errors) {
    if (this.isTold) return;
    this.isTold = true;
    for (const module of modules) {
      const name = results.local(module.moduleId);
      beside(name, module.errors());
      for (const suite of module.children.allSuites()) {
        beside([name, ...titles(suite)].join(' > '), suite.errors());
      }
      for (const test of module.children.allTests()) {
        const { state, errors: failures } = test.result();
        told(name, titles(test), test.options.mode, state, test.diagnostic()?.duration, failures);
      }
    }
    this.end(errors);
  }

  end(errors) {
    beside('vitest [errors]', errors);
    results.say({ test_id: RUN, status: 'exists', runnable: false });
  }
}

function titles(task) {
  const names = [];
  for (let one = task; one && one.type !== 'module'; one = one.parent) names.unshift(one.name);
  return names;
}
