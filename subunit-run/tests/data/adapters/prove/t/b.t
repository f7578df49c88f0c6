print "1..2\nok 1 - one\nnot ok 2 - two\n";
