// The Host adds an archive of its own to a Guest's initial RAM disk, whatever the length of that is.

namespace Lguest.Launcher.Tests;

public sealed class JoinedArchivesSpec
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 8)]
    public void The_second_one_begins_where_Linux_looks_for_it(int length, int start)
    {
        byte[] first = [.. Enumerable.Repeat((byte)7, length)];

        byte[] both = GuestPlan.Joined(first, [1, 2, 3]);

        both[..length].ShouldBe(first);
        both[length..start].ShouldAllBe(filler => filler == 0);
        both[start..].ShouldBe([1, 2, 3]);
    }
}
