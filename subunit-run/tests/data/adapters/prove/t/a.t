print "1..2\nok 1 - one\nok 2 - two\n";
