// Getting packages takes a while, and who waits wants to see how far it is. What that looks like is for the owner of the terminal to say.

namespace Lguest.Linux.Store;

/// <summary>Is told how far the work is. Any thread.</summary>
internal interface IFetchProgress
{
    /// <summary>A step begins.</summary>
    /// <param name="step">What is done, as a few words.</param>
    void Begin(string step);

    /// <summary>How much there is to get.</summary>
    void Say(string amount);

    /// <summary>How far it is, from 0 to 100; null for no news.</summary>
    void Report(double? percent);

    /// <summary>A step is over.</summary>
    void End();
}
