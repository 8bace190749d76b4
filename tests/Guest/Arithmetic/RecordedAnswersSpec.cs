// A machine without an x86 processor cannot be asked what is right. For it there are answers written down on one that could: each line was
// compared with the processor when it was recorded. Lines: operation; control word; operands; answer and flags, in hexadecimal.
namespace Lguest.Guest.Tests.Arithmetic;

public sealed class RecordedAnswersSpec
{
    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Arithmetic", "Vectors", file));

    [Fact]
    public void The_x87_answers_as_recorded()
    {
        var operations = X87Comparison.All().ToDictionary(operation => operation.Name);
        string[] lines = Lines("x87.txt");
        lines.Length.ShouldBeGreaterThan(500);
        foreach (string line in lines)
        {
            var (today, recorded) = operations[line.Split(';')[0]].Replay(line);
            today.ShouldBe(recorded, line);
        }
    }

    [Fact]
    public void Sse_answers_as_recorded()
    {
        var operations = SseComparison.All().ToDictionary(operation => operation.Name);
        string[] lines = Lines("sse.txt");
        lines.Length.ShouldBeGreaterThan(500);
        foreach (string line in lines)
        {
            var (today, recorded) = operations[line.Split(';')[0]].Replay(line);
            today.ShouldBe(recorded, line);
        }
    }
}
