RSpec.describe "group" do
  it("passes") { puts "said here" }
  it("fails") { expect(1).to eq 2 }
  it("is pending") { pending "not now"; expect(1).to eq 2 }
  it("is fixed") { pending "not now"; expect(1).to eq 1 }
  xit("is skipped") {}
  context "hook" do
    before(:all) { raise "no database" }
    it("first") {}
    it("second") {}
  end
end
