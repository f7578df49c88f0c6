console.log('a file is a test');
