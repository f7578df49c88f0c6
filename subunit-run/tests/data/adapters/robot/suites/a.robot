*** Settings ***
Suite Setup    Log    once

*** Test Cases ***
Passes
    Log To Console    said here
    Should Be Equal    1    1

Fails [x] * and ?
    Should Be Equal    1    2

Skipped
    Skip    not now

Ends Its Process
    Evaluate    os._exit(0)    modules=os

After
    No Operation
