// How many mappings windows may have. Linux limits those of a process (vm.max_map_count), for all Guests and .NET together, and .NET ends
// the process when it gets none. So windows take a quarter at most; where that is used up, the soft TLB goes on.
using System.Globalization;

namespace Lguest.Guest.Windows;

/// <summary>A count that all threads share.</summary>
/// <param name="most">How many mappings there may be.</param>
internal sealed class MappingBudget(long most)
{
    private const long UsualLimit = 65_530;
    private static readonly Lazy<MappingBudget> _ofProcess = new(() => new MappingBudget(LimitOfHost() / 4));
    private long _taken;

    /// <summary>What the windows of this process have together.</summary>
    public static MappingBudget OfProcess => _ofProcess.Value;

    /// <summary>Mappings in use.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes some, or none if so many are not left.</summary>
    public bool TryTake(long count)
    {
        if (Interlocked.Add(ref _taken, count) <= most)
            return true;
        GiveBack(count);
        return false;
    }

    public void GiveBack(long count) => Interlocked.Add(ref _taken, -count);

    private static long LimitOfHost()
    {
        try
        {
            return long.TryParse(
                File.ReadAllText("/proc/sys/vm/max_map_count"), NumberStyles.Integer, CultureInfo.InvariantCulture, out long limit)
                ? limit : UsualLimit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return UsualLimit;
        }
    }
}
