// What nobody has foreseen still ends in one line for the user, and in a file for the one who mends it.

using System.Reflection;
using Lguest.Host.Commands;

namespace Lguest.Host.Tests.Commands;

public sealed class LastResortSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-fault").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_fault_is_one_line_that_asks_for_a_report_and_a_file_with_the_rest()
    {
        using var error = new StringWriter();
        var fault = new AggregateException(new TargetInvocationException(new InvalidOperationException("it broke\n  in two.")));

        LastResort.Tell(fault, error, _folder).ShouldBe(1);

        string file = Directory.GetFiles(_folder).ShouldHaveSingleItem();
        error.ToString().TrimEnd().ShouldBe(
            $"lguest: internal error, InvalidOperationException: it broke in two; please report it with the file {file}");
        string report = File.ReadAllText(file);
        report.ShouldStartWith("lguest ");
        report.ShouldContain("Akka.NET");
        report.ShouldContain("TargetInvocationException");
    }

    [Fact]
    public void Without_a_place_for_the_file_the_line_is_there_all_the_same()
    {
        using var error = new StringWriter();

        LastResort.Tell(new InvalidOperationException("it broke"), error, Path.Combine(_folder, "none")).ShouldBe(1);

        error.ToString().ShouldStartWith(
            "lguest: internal error, InvalidOperationException: it broke; please report it (no file could be written to ");
    }
}
