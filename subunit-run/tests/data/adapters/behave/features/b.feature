Feature: other
  Scenario: after
    Given a shop

  Scenario: after
    Given a shop
    Then it is closed
