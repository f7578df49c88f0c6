<?php
namespace Shop;
use PHPUnit\Framework\TestCase;
class ATest extends TestCase
{
    public function testPasses(): void { $this->assertTrue(true); }
    public function testFails(): void { $this->assertSame(1, 2); }
    public function testSkips(): void { $this->markTestSkipped('not now'); }
    /** @dataProvider words */
    public function testWord(string $word): void { $this->assertSame('a', $word); }
    public function words(): array { return ['a set' => ['a'], 'x/y | "z"' => ['b'], ['a']]; }
}
