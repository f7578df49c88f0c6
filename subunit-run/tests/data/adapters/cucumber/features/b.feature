Feature: other
  Scenario: after
    Given 1 thing

  Scenario: after
    Then it fails
