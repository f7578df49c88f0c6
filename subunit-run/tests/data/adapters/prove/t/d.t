print "1..3\nok 1 - one\n"; exit 0;
