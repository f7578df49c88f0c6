Feature: shop

  Scenario: passes
    Given 1 thing

  Scenario: fails
    Given 1 thing
    Then it fails

  Scenario: undefined
    Given nobody knows it

  Scenario: skipped
    Given it is skipped

  Scenario: pending
    Given it is pending

  Scenario: ends its process
    Given the process ends

  Scenario Outline: counts
    Given <n> thing
    Examples:
      | n |
      | 1 |
      | 3 |
