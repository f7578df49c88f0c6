<?php
use PHPUnit\Framework\TestCase;
class BTest extends TestCase
{
    public function testBefore(): void { $this->assertTrue(true); }
    public function testEndsItsProcess(): void { exit(0); }
    public function testAfter(): void { $this->assertTrue(true); }
}
