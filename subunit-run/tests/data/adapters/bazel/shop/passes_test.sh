#!/bin/sh
echo from passes
