*** Settings ***
Suite Teardown    Fail    not torn down

*** Test Cases ***
Other
    No Operation
