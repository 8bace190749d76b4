// Finds what this machine lacks for a way out, without opening one, so that check can report it before anything runs.

namespace Lguest.Net.Outside;

/// <summary>Asks the machine.</summary>
public static class WaysOut
{
    /// <summary>Why there can be no nat here, on one line with the remedy; null if nothing speaks against it.</summary>
    public static string? ProblemWithNat() => Problem(SlirpLibrary.Require);

    /// <summary>The same for a tap device. That it is in use is only found out by using it.</summary>
    public static string? ProblemWithTap(string device) => Problem(() => TapDevice.Probe(device));

    private static string? Problem(Action require)
    {
        try
        {
            require();
            return null;
        }
        catch (OutsideException problem)
        {
            return problem.Message;
        }
    }
}
