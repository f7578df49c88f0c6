Feature: shop
  Scenario: passes
    Given a shop
    Then it is open

  Scenario: fails
    Given a shop
    Then it is closed

  Scenario: undefined
    Given nothing of the kind

  @skip
  Scenario: skipped
    Given a shop

  Scenario: ends its process
    Then the process ends

  Scenario Outline: counts <n>
    Then <n> is small
    Examples:
      | n |
      | 1 |
      | 3 |
