// When translating pays, and how much room it gets: the figures that a test wants to change.
namespace Lguest.Guest.Translator;

/// <summary>Bounds of the translator.</summary>
/// <param name="HotAfter">How often the interpreter enters a block before it is translated.</param>
/// <param name="ShortestStretch">Instructions with code that must follow upon each other for their code to be entered: entering and leaving
/// cost as much as interpreting some.</param>
/// <param name="CodeBytes">Room for emitted code; when it is full all of it is forgotten.</param>
/// <param name="Verify">Whether <see cref="CodeVerifier"/> has to accept a block before it is executed.</param>
public sealed record TranslatorSettings(uint HotAfter = 30, int ShortestStretch = 5, uint CodeBytes = 16 << 20, bool Verify = false);
