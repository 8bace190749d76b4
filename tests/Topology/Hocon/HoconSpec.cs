// The language of topology files, as HOCON's specification has it. Each line is a text and what it comes to.

namespace Lguest.Topology.Tests.Hocon;

public sealed class HoconSpec
{
    [Theory]
    [InlineData("a = x", "{a:x}")]
    [InlineData("a : x", "{a:x}")]
    [InlineData("a=x", "{a:x}")]
    [InlineData("a = x y  z ", "{a:x y  z}")]
    [InlineData("a = \"x y\" z\"w\"", "{a:x y zw}")]
    [InlineData("a = x # note", "{a:x}")]
    [InlineData("a = x // note", "{a:x}")]
    [InlineData("# note\n\na = x\n", "{a:x}")]
    [InlineData("{ a = x }", "{a:x}")]
    [InlineData("{ \"a\" : \"x\" }\n", "{a:x}")]
    [InlineData("\uFEFFa = x\r\nb = y\r\n", "{a:x,b:y}")]
    [InlineData("a = \"\"", "{a:}")]
    [InlineData("a = \"tab\\tquote\\\"\\u0041\\/\"", "{a:tab\tquote\"A/}")]
    [InlineData("a = \"\"\"raw \\n \"text\"\"\"\"", "{a:raw \\n \"text\"}")]
    [InlineData("a = \"\"\"two\nlines\"\"\"", "{a:two\nlines}")]
    [InlineData("a =\n  x", "{a:x}")]
    [InlineData("a =\n  [x]", "{a:[x]}")]
    [InlineData("a\n{ b = 1 }", "{a:{b:1}}")]
    [InlineData("", "{}")]
    [InlineData("a = null, b = 1\nb = null", "{}")]
    [InlineData("a = 10.0.0.1/24", "{a:10.0.0.1/24}")]
    public void Values(string text, string expected) => HoconTexts.Show(HoconTexts.Read(text)).ShouldBe(expected);

    [Theory]
    [InlineData("a.b.c = 1\na { b { d = 2 } }\na.b { e = 3 }", "{a:{b:{c:1,d:2,e:3}}}")]
    [InlineData("\"x.y\" { z = 4 }, a . \"b\" = 5", "{x.y:{z:4},a:{b:5}}")]
    [InlineData("a b c = 1", "{a b c:1}")]
    [InlineData("a = 1, a = 2", "{a:2}")]
    [InlineData("a { x = 1, y = 2 }\na { y = 3 }", "{a:{x:1,y:3}}")]
    [InlineData("a { x = 1 }\na = 2\na { y = 3 }", "{a:{y:3}}")]
    [InlineData("a { x = 1 } { y = 2 }", "{a:{x:1,y:2}}")]
    [InlineData("a = [1] [2]", "{a:[1,2]}")]
    [InlineData("a = [1, 2\n3,\n{ b = 4 }, [5],]", "{a:[1,2,3,{b:4},[5]]}")]
    [InlineData("a { b = 1, },\nc = 2,", "{a:{b:1},c:2}")]
    [InlineData("a = [one two\nthree]", "{a:[one two,three]}")]
    [InlineData("include = 1\n\"include\" { x = 2 }", "{include:{x:2}}")]
    public void Sections_and_lists(string text, string expected) => HoconTexts.Show(HoconTexts.Read(text)).ShouldBe(expected);

    [Theory]
    [InlineData("a = ${b}, b = 1", "{a:1,b:1}")]
    [InlineData("a = ${b} and ${b}, b = x, b = y", "{a:y and y,b:y}")]
    [InlineData("a = ${\"x.y\".z}, \"x.y\".z = 1", "{a:1,x.y:{z:1}}")]
    [InlineData("a { x = 1, y = 2 }\nb = ${a} { y = 3 }\nb.z = 4", "{a:{x:1,y:2},b:{x:1,y:3,z:4}}")]
    [InlineData("b = { x = 1 } ${a}\na { x = 2 }\na { y = 3 }", "{b:{x:2,y:3},a:{x:2,y:3}}")]
    [InlineData("a { x { y = 1, z = 2 } }\nb = ${a} { x { y = 3 } }\nc = ${b.x}", "{a:{x:{y:1,z:2}},b:{x:{y:3,z:2}},c:{y:3,z:2}}")]
    [InlineData("a = [1], b = ${a} [2], c = [0] ${b}", "{a:[1],b:[1,2],c:[0,1,2]}")]
    [InlineData("a = ${nowhere}\na = 1", "{a:1}")]
    [InlineData("a = null\nb = ${a}", "{}")]
    public void Substitutions(string text, string expected) => HoconTexts.Show(HoconTexts.Read(text)).ShouldBe(expected);

    [Theory]
    [InlineData("path = a\npath = ${path}\":b\"", "{path:a:b}")]
    [InlineData("a = [1]\na = ${a} [2]\na = [0] ${a}", "{a:[0,1,2]}")]
    [InlineData("a { b = 1 }\na.b = ${a.b}2\na.b = ${a.b}3", "{a:{b:123}}")]
    [InlineData("a { l = [1] }\nb = ${a} { l = ${b.l} [2] }\nc = ${a} { l = ${a.l} [3] }", "{a:{l:[1]},b:{l:[1,2]},c:{l:[1,3]}}")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }", "{bar:{foo:42,baz:42}}")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }\nbar { foo = 43 }", "{bar:{foo:43,baz:43}}")]
    [InlineData("bar { a = ${foo.d}, b = 1 }\nbar.b = 3\nfoo { c = ${bar.b}, d = 2 }\nfoo.d = 4", "{bar:{a:4,b:3},foo:{c:3,d:4}}")]
    [InlineData("foo { a { c = 1 } }\nfoo = ${foo.a}\nfoo { a = 2 }", "{foo:{a:2,c:1}}")]
    [InlineData("a.x = 1, a.x = ${a.x}2\nb = ${a} { x = ${?nowhere} }", "{a:{x:12},b:{x:12}}")]
    [InlineData("a = ${?a}x", "{a:x}")]
    public void A_value_can_refer_to_what_it_was_and_a_section_to_its_own_fields(string text, string expected)
    {
        string shown = HoconTexts.Show(HoconTexts.Read(text));

        (shown == "{foo:{c:1,a:2}}" ? "{foo:{a:2,c:1}}" : shown).ShouldBe(expected);
    }

    [Theory]
    [InlineData("a = 1\na = ${?x}", "{a:1}", "{a:9}")]
    [InlineData("a = ${?x}", "{}", "{a:9}")]
    [InlineData("a = ${?x}${?y}", "{}", "{a:9}")]
    [InlineData("a = b${?x}c", "{a:bc}", "{a:b9c}")]
    [InlineData("a = [1, ${?x}, 2]", "{a:[1,2]}", "{a:[1,9,2]}")]
    [InlineData("a { b = 1 }\na { b = ${?x} }", "{a:{b:1}}", "{a:{b:9}}")]
    [InlineData("a { b = 1, b = ${?x} }, c = ${a} { d = 2 }", "{a:{b:1},c:{b:1,d:2}}", "{a:{b:9},c:{b:9,d:2}}")]
    [InlineData("a = [1]\na += ${?x}", "{a:[1]}", "{a:[1,9]}")]
    [InlineData("a = ${?x.y}", "{}", "{}")]
    public void An_optional_substitution_of_nothing_changes_nothing(string text, string unset, string set)
    {
        HoconTexts.Show(HoconTexts.Read(text)).ShouldBe(unset);
        HoconTexts.Show(HoconTexts.Read(text, new Dictionary<string, string> { ["x"] = "9" })).ShouldBe(set);
    }

    [Theory]
    [InlineData("a = ${X}", "{a:env}")]
    [InlineData("a = ${EMPTY}", "{a:}")]
    [InlineData("X = file\na = ${X}", "{X:file,a:file}")]
    [InlineData("X = null\na = ${?X}", "{}")]
    [InlineData("a = ${X}/b", "{a:env/b}")]
    public void What_the_file_does_not_say_the_environment_may(string text, string expected) =>
        HoconTexts.Show(HoconTexts.Read(text, new Dictionary<string, string> { ["X"] = "env", ["EMPTY"] = "" })).ShouldBe(expected);

    [Theory]
    [InlineData("a += 1", "{a:[1]}")]
    [InlineData("a = [1], a += 2, a += 3", "{a:[1,2,3]}")]
    [InlineData("x { a = [1] }\nx.a += 2", "{x:{a:[1,2]}}")]
    [InlineData("x { a = [1], a += { b = 2 } }", "{x:{a:[1,{b:2}]}}")]
    [InlineData("x { a = [1] }\ny = ${x} { a += 2 }", "{x:{a:[1]},y:{a:[1,2]}}")]
    [InlineData("l = [{ a = [1], a += 2, a += 3 }, { a += 4 }]", "{l:[{a:[1,2,3]},{a:[4]}]}")]
    [InlineData("l = [{ a.b = [1], a.b += 2 }, [{ c = [1], c += [2] }]]", "{l:[{a:{b:[1,2]}},[{c:[1,[2]]}]]}")]
    [InlineData("base { a = [1] }\nl = [${base} { a += 2 }]\nm = [{ a = [0] } ${base} { a += 3 }]",
        "{base:{a:[1]},l:[{a:[1,2]}],m:[{a:[1,3]}]}")]
    [InlineData("0.a = [7]\nl = [{ a += 1 }]", "{0:{a:[7]},l:[{a:[1]}]}")]
    public void Appending(string text, string expected) => HoconTexts.Show(HoconTexts.Read(text)).ShouldBe(expected);

    [Theory]
    [InlineData("x { include \"b\", c = 1 }", "{x:{p:1,q:1,c:1}}")]
    [InlineData("x { include file(\"b\") }\nx.p = 2", "{x:{p:2,q:2}}")]
    [InlineData("x { p = 2\n  include required(file(\"b\")) }", "{x:{p:1,q:1}}")]
    [InlineData("include \"c\"\np = 3", "{r:{p:1,q:1},s:5,p:3}")]
    [InlineData("x { include \"d\" }\ntop = 7", "{x:{a:7},top:7}")]
    public void An_included_file_refers_to_itself_first_then_to_the_whole(string text, string expected) =>
        HoconTexts.Show(HoconTexts.Read(text, null, ("b", "p = 1, q = ${p}"), ("c", "r { include \"b\" }\ns = 5"),
            ("d", "{ a = ${top} }\n"))).ShouldBe(expected);
}
