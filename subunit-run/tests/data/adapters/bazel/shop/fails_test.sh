#!/bin/sh
echo from fails
exit 1
